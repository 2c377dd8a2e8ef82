// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "cposix.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080  // Linux 6.14; older kernels answer EOPNOTSUPP
#endif

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59  // Linux 4.13
#endif

const int cposix_O_DIRECT = O_DIRECT;
const int cposix_MADV_HUGEPAGE = MADV_HUGEPAGE;
const int cposix_O_PATH = O_PATH;
const int cposix_O_TMPFILE = O_TMPFILE;

int cposix_syncfs(int fd) { return syncfs(fd); }

int cposix_file_system_type(int fd, uint32_t *type) {
    struct statfs status;
    if (fstatfs(fd, &status) != 0) return -1;
    *type = (uint32_t)status.f_type;
    return 0;
}

int cposix_start_writeback(int fd, int64_t offset, int64_t length) {
    return sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE);
}

int cposix_punch_hole(int fd, int64_t offset, int64_t length) {
    return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int64_t cposix_seek_data(int fd, int64_t offset) { return lseek(fd, offset, SEEK_DATA); }
int64_t cposix_seek_hole(int fd, int64_t offset) { return lseek(fd, offset, SEEK_HOLE); }

ssize_t cposix_pread_uncached(int fd, void *bytes, size_t count, int64_t offset) {
    struct iovec piece = {bytes, count};
    return preadv2(fd, &piece, 1, offset, RWF_DONTCACHE);
}

int cposix_open(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }

int cposix_openat(int directory, const char *name, int flags, unsigned mode) {
    return openat(directory, name, flags, mode);
}

int cposix_rename_noreplace(int fromDirectory, const char *from, int toDirectory, const char *to) {
    return renameat2(fromDirectory, from, toDirectory, to, RENAME_NOREPLACE);
}

int cposix_device_size(int fd, uint64_t *bytes) { return ioctl(fd, BLKGETSIZE64, bytes); }

int cposix_device_sector_size(int fd, uint32_t *bytes) {
    int size = 0;
    int result = ioctl(fd, BLKSSZGET, &size);
    *bytes = (uint32_t)size;
    return result;
}

int cposix_device_read_only(int fd, int *readOnly) { return ioctl(fd, BLKROGET, readOnly); }

int cposix_loop_backing(int fd, uint64_t *fileSystem, uint64_t *inode, uint64_t *number) {
    struct loop_info64 info;
    if (ioctl(fd, LOOP_GET_STATUS64, &info) != 0) return -1;
    *fileSystem = info.lo_device;
    *inode = info.lo_inode;
    // For a regular file the kernel gives its file system twice.
    *number = info.lo_rdevice == info.lo_device ? 0 : info.lo_rdevice;
    return 0;
}

int cposix_device_discard_cache(int fd) { return ioctl(fd, BLKFLSBUF, 0); }

int cposix_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int cposix_peer_credentials(int fd, uint32_t *pid, uint32_t *uid, uint32_t *gid) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    *pid = (uint32_t)peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return 0;
}

int cposix_peer_groups(int fd, uint32_t *groups, size_t room, size_t *count) {
    socklen_t length = (socklen_t)(room * sizeof *groups);
    int result = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length);
    *count = length / sizeof *groups;
    return result == 0 || errno == ERANGE ? 0 : -1;
}

int cposix_write_lock(int fd) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return fcntl(fd, F_OFD_SETLK, &lock);
}

int cposix_lock_holder(int fd, int *locked) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (fcntl(fd, F_OFD_GETLK, &lock) != 0) return -1;
    *locked = lock.l_type != F_UNLCK;
    return 0;
}

int cposix_flock_exclusively(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

int cposix_limit_arenas(int count) { return mallopt(M_ARENA_MAX, count); }

int cposix_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
int cposix_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int cposix_is_sanitized(void) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
    return 1;
#else
    return 0;
#endif
}

int cposix_set_slice(uint64_t nanoseconds) {
    // glibc has neither the call nor the struct before 2.41.
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = sizeof attributes};

    attributes.policy = (uint32_t)sched_getscheduler(0);
    attributes.nice = getpriority(PRIO_PROCESS, 0);
    attributes.runtime = nanoseconds;
    return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

unsigned cposix_major(uint64_t device) { return major(device); }
unsigned cposix_minor(uint64_t device) { return minor(device); }
