// SPDX-License-Identifier: Apache-2.0
// Preloaded into the daemon by its tests: notes the calls that make files durable, has them fail on demand, and passes
// one file system off as another.
//
// CINDERBLOCK_FAULTS names a directory. Each line of DIR/rules is "CALL PART ERRNO": CALL on a file whose path contains PART
// fails with ERRNO. CALL is close, fsync (of a file), fsyncdir, syncfs, fchmod, rename, or renamed, which fails although it
// has taken effect. An ERRNO below 0 is a signal, which the process gets instead. A rule "type PART NUMBER" has fstatfs(2)
// answer NUMBER as f_type. Each call is a line of DIR/log.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// The number of the first rule that fits; 0 when there is none.
static long rule(const char *call, const char *path) {
    const char *directory = getenv("CINDERBLOCK_FAULTS");
    char name[PATH_MAX], rules[4096];
    if (!directory) return 0;
    snprintf(name, sizeof name, "%s/rules", directory);
    // By system calls: the functions of the library may be ours.
    int fd = (int)syscall(SYS_open, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    long count = syscall(SYS_read, fd, rules, sizeof rules - 1);
    syscall(SYS_close, fd);
    rules[count < 0 ? 0 : count] = 0;
    for (char *state, *line = strtok_r(rules, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        char wanted[32], part[256];
        long number;
        if (sscanf(line, "%31s %255s %ld", wanted, part, &number) != 3) continue;
        if (!strcmp(wanted, call) && strstr(path, part)) return number;
    }
    return 0;
}

static void note(const char *call, const char *path) {
    const char *directory = getenv("CINDERBLOCK_FAULTS");
    char name[PATH_MAX], line[PATH_MAX + 64];
    if (!directory) return;
    snprintf(name, sizeof name, "%s/log", directory);
    int fd = (int)syscall(SYS_open, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return;
    int count = snprintf(line, sizeof line, "%s %s\n", call, path);
    syscall(SYS_write, fd, line, count);
    syscall(SYS_close, fd);
}

static const char *path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t count = readlink(link, path, PATH_MAX - 1);
    path[count < 0 ? 0 : count] = 0;
    return path;
}

// Notes the call; -1 when it is to fail.
static int meets(const char *call, const char *path) {
    note(call, path);
    long error = rule(call, path);
    if (error < 0) kill(getpid(), (int)-error);
    if (error) errno = (int)error;
    return error ? -1 : 0;
}

int close(int fd) {
    char path[PATH_MAX];
    int saved = errno;
    path_of(fd, path);
    int fails = rule("close", path) && meets("close", path);
    if (!fails) errno = saved;
    int error = errno;
    int result = REAL(close)(fd);
    if (!fails) return result;
    errno = error;
    return -1;
}

static const char *kind(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) ? "fsyncdir" : "fsync";
}

int fsync(int fd) {
    char path[PATH_MAX];
    return meets(kind(fd), path_of(fd, path)) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd) {
    char path[PATH_MAX];
    return meets(kind(fd), path_of(fd, path)) ? -1 : REAL(fdatasync)(fd);
}

int syncfs(int fd) {
    char path[PATH_MAX];
    return meets("syncfs", path_of(fd, path)) ? -1 : REAL(syncfs)(fd);
}

int fchmod(int fd, mode_t mode) {
    char path[PATH_MAX];
    return meets("fchmod", path_of(fd, path)) ? -1 : REAL(fchmod)(fd, mode);
}

int fstatfs(int fd, struct statfs *status) {
    char path[PATH_MAX];
    int result = REAL(fstatfs)(fd, status);
    long type = rule("type", path_of(fd, path));
    if (type) status->f_type = type;
    return result;
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
    if (meets("rename", to)) return -1;
    int result = REAL(renameat2)(from_fd, from, to_fd, to, flags);
    return result == 0 && meets("renamed", to) ? -1 : result;
}
