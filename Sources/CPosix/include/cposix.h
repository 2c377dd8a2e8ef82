// SPDX-License-Identifier: Apache-2.0
// What Swift's Glibc does not show: Linux-only calls, variadic calls and macro constants.
#ifndef CPOSIX_H
#define CPOSIX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>
#include <sys/uio.h>

// All return -1 and set errno on failure, as the calls they wrap.
int cposix_syncfs(int fd);                                                    // syncfs(2)
int cposix_file_system_type(int fd, uint32_t *type);                          // fstatfs(2), f_type
int cposix_start_writeback(int fd, int64_t offset, int64_t length);           // sync_file_range(2), WRITE only
int cposix_punch_hole(int fd, int64_t offset, int64_t length);                // fallocate(2), PUNCH_HOLE | KEEP_SIZE
int64_t cposix_seek_data(int fd, int64_t offset);                             // lseek(2), SEEK_DATA
int64_t cposix_seek_hole(int fd, int64_t offset);                             // lseek(2), SEEK_HOLE
ssize_t cposix_pread_uncached(int fd, void *bytes, size_t count, int64_t offset);  // preadv2(2), RWF_DONTCACHE
int cposix_open(const char *path, int flags, unsigned mode);                  // open(2)
int cposix_openat(int directory, const char *name, int flags, unsigned mode); // openat(2)
int cposix_rename_noreplace(int fromDirectory, const char *from, int toDirectory, const char *to); // renameat2(2)
int cposix_device_size(int fd, uint64_t *bytes);                              // ioctl BLKGETSIZE64
int cposix_device_sector_size(int fd, uint32_t *bytes);                       // ioctl BLKSSZGET
int cposix_device_read_only(int fd, int *readOnly);                           // ioctl BLKROGET
// ioctl LOOP_GET_STATUS64: what is behind a loop device, as stat(2) gives it; `number` is 0 for a regular file.
int cposix_loop_backing(int fd, uint64_t *fileSystem, uint64_t *inode, uint64_t *number);
int cposix_device_discard_cache(int fd);                                      // ioctl BLKFLSBUF
int cposix_accept(int fd);           // accept4(2), SOCK_NONBLOCK | SOCK_CLOEXEC, without the peer's address
int cposix_peer_credentials(int fd, uint32_t *pid, uint32_t *uid, uint32_t *gid); // SO_PEERCRED
// SO_PEERGROUPS: at most `room` of them; how many there are, which may be more, in `count`.
int cposix_peer_groups(int fd, uint32_t *groups, size_t room, size_t *count);
int cposix_write_lock(int fd);       // fcntl(2), F_OFD_SETLK: 0, or -1 with EAGAIN when another holds it
int cposix_lock_holder(int fd, int *locked); // fcntl(2), F_OFD_GETLK for a write lock on the whole file
int cposix_flock_exclusively(int fd); // flock(2), LOCK_EX | LOCK_NB: EWOULDBLOCK when another holds it
int cposix_limit_arenas(int count);  // mallopt(3), M_ARENA_MAX
int cposix_forbid_new_privileges(void);  // prctl(2), PR_SET_NO_NEW_PRIVS
int cposix_forbid_dumps(void);       // prctl(2), PR_SET_DUMPABLE 0
int cposix_is_sanitized(void);       // whether a sanitizer is compiled in, which may have to look at the process
int cposix_set_slice(uint64_t nanoseconds);  // sched_setattr(2), sched_runtime of the calling thread

extern const int cposix_MADV_HUGEPAGE;
extern const int cposix_O_DIRECT;
extern const int cposix_O_PATH;
extern const int cposix_O_TMPFILE;
unsigned cposix_major(uint64_t device);
unsigned cposix_minor(uint64_t device);

#endif
