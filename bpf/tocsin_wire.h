/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * The border between kernel and daemon: everything that crosses it, declared once. Compiles as BPF
 * C and as C++23. Rules: explicit widths, no hidden padding (the warning is an error here), one tag
 * enum, one common prefix, sizes asserted. A change of any layout raises TOCSIN_WIRE_VERSION,
 * because recordings hold these bytes.
 *
 * Integers are in host byte order; addresses and ports as they stand in the packet (network order).
 * Strings are byte strings without any promise of encoding.
 */
#ifndef TOCSIN_WIRE_H
#define TOCSIN_WIRE_H

#ifdef __cplusplus
#include <cstdint>
typedef std::uint8_t tw_u8;
typedef std::uint16_t tw_u16;
typedef std::uint32_t tw_u32;
typedef std::uint64_t tw_u64;
typedef std::int32_t tw_s32;
typedef std::int64_t tw_s64;
#define TW_ASSERT(cond) static_assert(cond, #cond)
#else
typedef unsigned char tw_u8;
typedef unsigned short tw_u16;
typedef unsigned int tw_u32;
typedef unsigned long long tw_u64;
typedef int tw_s32;
typedef long long tw_s64;
#define TW_ASSERT(cond) _Static_assert(cond, #cond)
#endif

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

#define TOCSIN_WIRE_VERSION 1

/* Bytes of string data in one exec event. Small covers the common exec; a longer argument list
 * takes a large record. What does not fit is cut and flagged. */
#define TW_EXEC_DATA_SMALL 1024
#define TW_EXEC_DATA_LARGE 20480
/* Path components read per walk; deeper paths keep the last ones and are flagged. */
#define TW_PATH_DEPTH_MAX 48
/* Longest single path component, NUL included (NAME_MAX is 255). */
#define TW_NAME_MAX 256
/* Longest program or interpreter name as given to execve, NUL included. */
#define TW_FILENAME_MAX 512
#define TW_CGROUP_PATH_MAX 512
/* Bytes of path components in one module event. */
#define TW_MODULE_PATH_MAX 1024
/* Payload bytes in one packet event, by size of record: most DNS messages, a hello, and the most
 * that is taken of one packet. */
#define TW_PACKET_DATA_SMALL 512
#define TW_PACKET_DATA_MEDIUM 2048
#define TW_PACKET_DATA_LARGE 16384
#define TW_COMM_LEN 16
#define TW_TTY_LEN 16

enum tw_kind {
  TW_FORK = 1,
  TW_EXEC = 2,
  TW_EXIT = 3,
  TW_CONNECT = 4, /* an attempt, before its outcome is known; also the first UDP send to a peer */
  TW_CONNECT_RESULT = 5, /* outcome of a TCP attempt */
  TW_CLOSE = 6,          /* end of a TCP connection that had been seen by TW_CONNECT */
  TW_CGROUP = 7,         /* a control group was made: id and path */
  /* Packets that may carry a name, each a struct tw_packet, seen at the client's socket: */
  TW_DNS_UDP = 8,    /* question to port 53, answer from it */
  TW_DNS_TCP = 9,    /* segment of either direction of a connection to port 53 */
  TW_TCP_START = 10, /* first bytes sent, where they look like a TLS hello or an HTTP request */
  TW_QUIC = 11,      /* datagram that begins with an Initial packet */
  TW_MODULE = 12,    /* a file was mapped executable that is not the program itself */
  TW_REFUSED = 13,   /* the kernel side refused to execute or map a file, because of its content */
  TW_KIND_COUNT = 14 /* array size, not a kind */
};

/* The prefix of every event. */
struct tw_header {
  tw_u32 size; /* bytes used, this prefix included; the ring record may be longer */
  tw_u16 kind; /* enum tw_kind */
  tw_u16 version;
  tw_u64 boot_ns;   /* CLOCK_BOOTTIME when it happened */
  tw_u64 start_ns;  /* start_boottime of the process: with pid, its identity */
  tw_u32 pid;       /* process (thread group) id in the initial pid namespace */
  tw_u32 tid;       /* acting thread; 0 when it means nothing */
  tw_u64 cgroup_id; /* cgroup2 id of the process; 0 when unknown, 1 the root */
};
TW_ASSERT(sizeof(struct tw_header) == 40);

/* Which file, as the kernel holds it. dev is the superblock's device in the kernel's internal
 * encoding (major = dev >> 20, minor = dev & 0xfffff). The flag bit of newer kernels in the
 * nanoseconds of ctime is cleared. */
struct tw_file {
  tw_u64 ino;
  tw_u64 size;
  tw_s64 ctime_s;
  tw_s64 mtime_s;
  tw_u32 ctime_ns;
  tw_u32 mtime_ns;
  tw_u32 dev;
  tw_u32 nlink;
  tw_u32 mode;
  tw_u32 generation;
  tw_u32 mount_id;
  tw_u32 owner_uid;
  tw_u64 fs_magic;
};
TW_ASSERT(sizeof(struct tw_file) == 72);

struct tw_fork {
  struct tw_header h; /* the child */
  tw_u32 parent_pid;
  tw_u32 pad;
  tw_u64 parent_start_ns;
};
TW_ASSERT(sizeof(struct tw_fork) == 56);

struct tw_exit {
  struct tw_header h;
  tw_s32 exit_code; /* as wait(2) reports it: signal in the low seven bits, status << 8 */
  tw_u32 pad;
};
TW_ASSERT(sizeof(struct tw_exit) == 48);

/* What a standard stream is connected to. */
enum tw_stdio {
  TW_STDIO_UNKNOWN = 0,
  TW_STDIO_CLOSED = 1,
  TW_STDIO_NULL = 2,
  TW_STDIO_FILE = 3,
  TW_STDIO_PIPE = 4,
  TW_STDIO_SOCKET = 5, /* of another family than those below, or of one that is not known */
  TW_STDIO_PTY = 6,
  TW_STDIO_OTHER = 7,
  TW_STDIO_UNIX_SOCKET = 8,
  TW_STDIO_INET_SOCKET = 9 /* IPv4 or IPv6 */
};

enum tw_exec_flags {
  TW_EXEC_SCRIPT = 1 << 0,   /* the file run is an interpreter, filename is the script */
  TW_EXEC_MEMFD = 1 << 1,    /* memfd_create or another kernel-internal tmpfs file */
  TW_EXEC_UNLINKED = 1 << 2, /* link count 0 when it was executed */
  TW_EXEC_SECURE = 1 << 3,   /* set-uid, set-gid or file capabilities took effect */
  TW_EXEC_FD = 1 << 4,       /* fexecve or execveat with an empty path */
  TW_EXEC_PATH_CUT = 1 << 5, /* path is a suffix: too deep or too long */
  TW_EXEC_CWD_CUT = 1 << 6,
  TW_EXEC_ARGS_CUT = 1 << 7,
  TW_EXEC_DISCONNECTED = 1 << 8, /* the file is not below the process's root */
  TW_EXEC_FIRST_SEEN = 1 << 9,   /* the kernel side has not seen this file identity lately */
  TW_EXEC_IMA_SHA256 = 1 << 10,  /* ima_digest holds the SHA-256 of the very file */
  TW_EXEC_FILENAME_CUT = 1 << 11,
  TW_EXEC_INTERP_CUT = 1 << 12,
  TW_EXEC_ARGS_FAULT = 1 << 13, /* the arguments could not be read */
  TW_EXEC_KILLED = 1 << 14,   /* SIGKILL was sent before its first instruction: a known bad file */
  TW_EXEC_REHEARSED = 1 << 15 /* the same, but only rehearsed */
};

/* Behind the struct stand, one after another without separators: path components, cwd components,
 * filename, interpreter, arguments. Components are NUL-terminated and stand leaf first:
 * "true\0bin\0usr\0" is /usr/bin/true. Arguments are the process's own bytes: NUL-terminated
 * strings. */
struct tw_exec {
  struct tw_header h;
  struct tw_file file;
  tw_u64 parent_start_ns;
  tw_u64 mnt_ns_id; /* never given twice, where the kernel has such an id; else mnt_ns */
  tw_u64 root_ino;  /* the process's root directory */
  tw_u32 root_dev;
  tw_u32 parent_pid;
  tw_u32 mnt_ns;
  tw_u32 pid_ns;
  tw_u32 net_ns;
  tw_u32 ns_pid; /* the process's id inside its own pid namespace */
  tw_u32 uid;
  tw_u32 gid;
  tw_u32 euid;
  tw_u32 egid;
  tw_u32 login_uid;  /* 0xffffffff: not set */
  tw_u32 session_id; /* audit session, 0xffffffff: not set */
  tw_u32 flags;      /* enum tw_exec_flags */
  tw_u32 args_total; /* bytes the process was given, more than args_len when cut; where the hook
                      * cannot tell them apart, the bytes of arguments and environment */
  tw_u8 stdio[3];    /* enum tw_stdio of fd 0, 1, 2 */
  tw_u8 pad;
  tw_u16 path_len;
  tw_u16 cwd_len;
  tw_u16 filename_len;
  tw_u16 interp_len;
  tw_u32 args_len;
  tw_u8 ima_digest[32];
  char comm[TW_COMM_LEN];
  char tty[TW_TTY_LEN];
  /* the string data follows */
};
TW_ASSERT(sizeof(struct tw_exec) == 272);

enum tw_module_flags {
  TW_MODULE_PATH_CUT = 1 << 0,     /* path is a suffix: too deep or too long */
  TW_MODULE_DISCONNECTED = 1 << 1, /* the file is not below the process's root */
  TW_MODULE_MEMFD = 1 << 2,        /* memfd_create or another kernel-internal tmpfs file */
  TW_MODULE_KILLED = 1 << 3,       /* SIGKILL was sent as it was mapped: a known bad file */
  TW_MODULE_REHEARSED = 1 << 4     /* the same, but only rehearsed */
};

/* Path components follow, as in tw_exec. */
struct tw_module {
  struct tw_header h;
  struct tw_file file;
  tw_u64 program_ino; /* the program that the process runs: what a library is told for may come */
  tw_u64 mnt_ns_id;   /* before the exec event of its program */
  tw_u64 root_ino;
  tw_u32 program_dev;
  tw_u32 mnt_ns;
  tw_u32 root_dev;
  tw_u32 flags; /* enum tw_module_flags */
  tw_u32 path_len;
  tw_u32 pad;
};
TW_ASSERT(sizeof(struct tw_module) == 160);

enum tw_refused_flags {
  TW_REFUSED_LIBRARY = 1 << 0,   /* mapped executable; else executed */
  TW_REFUSED_REHEARSED = 1 << 1, /* only rehearsed: it went on */
  TW_REFUSED_KNOWN = 1 << 2      /* by the verdict about the unchanged file; else hashed just now */
};

/* Path components follow, as in tw_exec. The header is that of the process that tried. */
struct tw_refused {
  struct tw_header h;
  struct tw_file file;
  tw_u8 digest[32]; /* SHA-256 */
  tw_u64 took_ns;   /* from the hook's begin to its answer, hashing included */
  tw_u32 flags;     /* enum tw_refused_flags */
  tw_u32 path_len;
};
TW_ASSERT(sizeof(struct tw_refused) == 160);

enum tw_connect_flags {
  TW_CONNECT_DATAGRAM = 1 << 0,  /* unconnected UDP send, first to this peer on this socket */
  TW_CONNECT_MAPPED = 1 << 1,    /* asked for as v4-mapped IPv6 */
  TW_CONNECT_DENIED = 1 << 2,    /* refused with EPERM */
  TW_CONNECT_REHEARSED = 1 << 3, /* would have been refused: only rehearsed */
  TW_CONNECT_ISOLATED = 1 << 4   /* refused because the host, or its control group, is isolated */
};

struct tw_endpoint {
  tw_u8 addr[16]; /* IPv4 in the first four bytes */
  tw_u16 port;    /* network order */
  tw_u8 family;   /* 4 or 6 */
  tw_u8 pad[5];
};
TW_ASSERT(sizeof(struct tw_endpoint) == 24);

struct tw_connect {
  struct tw_header h;
  tw_u64 cookie;             /* names the socket until it is closed; 0 unknown */
  struct tw_endpoint remote; /* as the program asked for it */
  tw_u32 net_ns;
  tw_u32 uid;
  tw_u16 flags;   /* enum tw_connect_flags */
  tw_u8 protocol; /* IPPROTO_TCP, IPPROTO_UDP, … */
  tw_u8 pad[5];
  char comm[TW_COMM_LEN]; /* of the acting thread; never an identity */
};
TW_ASSERT(sizeof(struct tw_connect) == 104);

struct tw_connect_result {
  struct tw_header h; /* the process that called connect */
  tw_u64 cookie;
  struct tw_endpoint local;
  struct tw_endpoint remote; /* as the kernel uses it: differs after address translation */
  tw_u64 took_ns;            /* attempt to outcome */
  tw_s32 error;              /* 0 established, else errno */
  tw_u32 pad;
};
TW_ASSERT(sizeof(struct tw_connect_result) == 112);

struct tw_close {
  struct tw_header h; /* the process that called connect */
  tw_u64 cookie;
  struct tw_endpoint local;
  struct tw_endpoint remote;
  tw_u64 bytes_out; /* payload */
  tw_u64 bytes_in;
  tw_u64 duration_ns; /* connect to close */
};
TW_ASSERT(sizeof(struct tw_close) == 120);

struct tw_cgroup {
  struct tw_header h; /* the maker; cgroup_id is the new group's */
  tw_u32 path_len;
  tw_u32 hierarchy; /* 0 is cgroup2 */
  char path[TW_CGROUP_PATH_MAX];
};
TW_ASSERT(sizeof(struct tw_cgroup) == 560);

enum tw_packet_flags {
  TW_PACKET_OUT = 1 << 0,  /* sent by local */
  TW_PACKET_FIRST = 1 << 1 /* TCP: the payload is the first of this direction */
};

/* The payload of TCP or UDP follows; addresses are those of the packet, which may have been
 * translated already. The header is that of whoever opened the socket; pid 0: not known. */
struct tw_packet {
  struct tw_header h;
  tw_u64 cookie;
  struct tw_endpoint local;
  struct tw_endpoint remote;
  tw_u32 net_ns;
  tw_u32 tcp_seq;  /* TCP: sequence number of the first payload byte */
  tw_u32 length;   /* payload bytes in the packet */
  tw_u32 data_len; /* payload bytes that follow */
  tw_u32 flags;    /* enum tw_packet_flags */
  tw_u32 pad;
  /* the payload follows */
};
TW_ASSERT(sizeof(struct tw_packet) == 120);

/* One row per event kind in the per-CPU map "counters". */
struct tw_counter {
  tw_u64 lost; /* no room in the ring */
  tw_u64
      skipped; /* not interesting: repeated datagram to a known peer, threads, listeners; packets:
                * beyond what is read of a connection, or behind too many extension headers */
  tw_u64 unowned; /* packets sent on without an owner; ends of connections whose owner is gone */
};

/* What the reader tells the programs, in the one-element map "reader". */
struct tw_reader {
  tw_u64 looks_until_ns;  /* it looks into the ring again by itself, not before this CLOCK_BOOTTIME
                           * but soon after; 0: it has to be woken */
  tw_u64 boot_to_wall_ns; /* CLOCK_REALTIME - CLOCK_BOOTTIME, set anew each second */
  tw_u32 exec_twice;      /* two copies of the exec program are attached: report each exec once */
  tw_u32 relay_pid;       /* tocsin's own: what it asks a name server is nobody's wish; 0: none */
};

/* What the kernel side does about what is listed; bits of tw_knobs.respond. Where a bit is not set,
 * the verifier takes its code out of the programs. */
enum tw_respond {
  TW_RESPOND_NETWORK = 1 << 0,   /* contacts to denied_networks */
  TW_RESPOND_ANSWERS = 1 << 1,   /* addresses in DNS answers for denied_names join them at once */
  TW_RESPOND_QUESTIONS = 1 << 2, /* questions for denied_names are dropped */
  TW_RESPOND_FILES = 1 << 3      /* executions of bad_files are killed */
};

enum tw_act { TW_ACT_SPARE = 0, TW_ACT_DENY = 1, TW_ACT_REHEARSE = 2 };

/* Value of the maps denied_networks, denied_names, denied_digests and bad_files. */
struct tw_verdict {
  tw_u64 until_ns; /* CLOCK_BOOTTIME; 0: for ever */
  tw_u32 act;      /* enum tw_act */
  tw_u32 exact;    /* denied_names: not the names below it */
};

/* Key of the tries denied_networks and isolation_allow: IPv4 as v4-mapped IPv6. */
struct tw_network {
  tw_u32 prefix; /* bits, 96 more for IPv4 */
  tw_u8 addr[16];
};

/* Key of bad_files. Without the change time, which a rename, a link and a chmod move, too: a write
 * moves mtime, and an inode number that is given again comes with another generation. */
struct tw_bad_key {
  tw_u64 ino;
  tw_u64 size;
  tw_s64 mtime_s;
  tw_u32 mtime_ns;
  tw_u32 dev;
  tw_u32 generation;
  tw_u32 pad;
};
TW_ASSERT(sizeof(struct tw_bad_key) == 40);

/* The shared section .data.isolation: the daemon writes, the programs read. */
struct tw_isolation {
  tw_u64 until_ns;  /* CLOCK_BOOTTIME; from then on it counts as off, daemon or not */
  tw_u64 cgroup_id; /* only this control group and those below it; 0: every process */
  tw_u64 refused;   /* contacts and packets, counted by the programs */
  tw_u32 level;     /* of that group below the root */
  tw_u32 on;
};

/* The shared section .data.deny. */
struct tw_deny_state {
  tw_u64 edition;      /* of the list of digests: the daemon raises it with each change */
  tw_u64 too_large;    /* files that were let pass unread: longer than tw_knobs.ima_bytes_max */
  tw_u64 unread;       /* files that the kernel could not hash */
  tw_u32 memory_tells; /* writes through a mapping move the times of files in memory */
  tw_u32 pad;
};

/* Constants that the daemon sets before it loads the programs. */
struct tw_knobs {
  tw_u64 ima_fresh_ns;    /* a file changed within this time is hashed in the kernel; 0: none is */
  tw_u64 ima_bytes_max;   /* no file longer than this is hashed in the kernel */
  tw_u64 datagram_gap_ns; /* a peer of an unconnected UDP socket is reported once in this time */
  tw_u64 backlog_bytes;   /* this much in the ring wakes the reader, whatever the event */
  tw_u64 module_gap_ns;   /* a library is reported once in this time for each program */
  tw_u64 address_salt;    /* random: hides kernel addresses where they serve as cookies */
  tw_u64 name_base;       /* odd, random: see name_verdict.bpf.h */
  tw_u64 name_inverse;    /* name_base * name_inverse == 1 */
  tw_u64 answer_least_ns; /* an answer's TTL counts as at least this long, */
  tw_u64 answer_most_ns;  /* and at most this */
  tw_u64 ima_settled_ns;  /* a file that changed less than this ago gets no lasting verdict */
  tw_u8 owner_by_address; /* no cookies: a socket is named by its salted address */
  tw_u8 respond;          /* enum tw_respond */
  tw_u8 typed_task;       /* cgroup programs may call bpf_get_current_task_btf, */
  tw_u8 typed_socket;     /* and bpf_skc_to_tcp_sock: plain loads instead of probes */
  tw_u8 pad[4];
};

#pragma GCC diagnostic pop
#endif
