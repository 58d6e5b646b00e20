/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/*
 * Contacts one address in one of the ways a program can, and prints pid and outcome. The address
 * family follows the text: 192.0.2.1, 2001:db8::1, ::ffff:192.0.2.1 (v4-mapped on an IPv6 socket).
 * --netns: first enters a new network namespace, brings lo up and gives it the address.
 * --cgroup FOLDER: first moves into that control group.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "action.h"
#include "uring_connect.h"

struct target {
  struct sockaddr_storage address;
  socklen_t length;
};

static struct target parse_target(const char* text, const char* port) {
  struct target t;
  memset(&t, 0, sizeof t);
  struct sockaddr_in* v4 = (struct sockaddr_in*)&t.address;
  struct sockaddr_in6* v6 = (struct sockaddr_in6*)&t.address;
  const in_port_t number = htons((in_port_t)strtoul(port, NULL, 10));
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = number;
    t.length = sizeof *v4;
  } else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = number;
    t.length = sizeof *v6;
  } else {
    fprintf(stderr, "contact: not an address: %s\n", text);
    exit(2);
  }
  return t;
}

/* Adds the target's address to lo of this network namespace through rtnetlink. */
static void add_to_loopback(const struct target* t) {
  struct {
    struct nlmsghdr head;
    struct ifaddrmsg message;
    struct rtattr attribute;
    unsigned char address[16];
  } request;
  const struct sockaddr_in* v4 = (const struct sockaddr_in*)&t->address;
  const struct sockaddr_in6* v6 = (const struct sockaddr_in6*)&t->address;
  int is_v4 = t->address.ss_family == AF_INET;
  const void* bytes = is_v4 ? (const void*)&v4->sin_addr : (const void*)&v6->sin6_addr;
  if (!is_v4 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
    is_v4 = 1;
    bytes = (const unsigned char*)&v6->sin6_addr + 12;
  }
  const size_t size = is_v4 ? 4 : 16;
  memset(&request, 0, sizeof request);
  memcpy(request.address, bytes, size);
  request.attribute.rta_type = IFA_LOCAL;
  request.attribute.rta_len = (unsigned short)RTA_LENGTH(size);
  request.message.ifa_family = is_v4 ? AF_INET : AF_INET6;
  request.message.ifa_prefixlen = is_v4 ? 32 : 128;
  request.message.ifa_flags = IFA_F_NODAD; /* usable at once */
  request.message.ifa_index = if_nametoindex("lo");
  request.head.nlmsg_type = RTM_NEWADDR;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK;
  request.head.nlmsg_len = (unsigned)(NLMSG_LENGTH(sizeof request.message) + RTA_LENGTH(size));
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  char answer[4096];
  if (fd < 0 || send(fd, &request, request.head.nlmsg_len, 0) < 0) action_fail("rtnetlink");
  if (recv(fd, answer, sizeof answer, 0) < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)))
    action_fail("rtnetlink answer");
  const struct nlmsgerr* result = NLMSG_DATA((const struct nlmsghdr*)answer);
  errno = -result->error;
  if (errno != 0 && errno != EEXIST) action_fail("adding the address to lo");
  close(fd);
}

static void enter_network_namespace(const struct target* t) {
  if (unshare(CLONE_NEWNET) != 0) action_fail("unshare(CLONE_NEWNET)");
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0) action_fail("bringing lo up");
  close(fd);
  add_to_loopback(t);
}

static void enter_cgroup(const char* folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/cgroup.procs", folder);
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) action_fail(path);
  close(fd);
}

static int wait_connected(int fd) {
  struct pollfd wait = {.fd = fd, .events = POLLOUT, .revents = 0};
  int error = ETIMEDOUT;
  socklen_t length = sizeof error;
  if (poll(&wait, 1, 3000) == 1) getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

/* The outcome as errno, 0 for success. A refused connect is a contact like any other. */
static int contact(const char* way, const struct target* t) {
  const int datagram = strncmp(way, "udp", 3) == 0;
  const int nonblocking = strcmp(way, "tcp-nonblock") == 0 ? SOCK_NONBLOCK : 0;
  const int fd = socket(t->address.ss_family,
                        (datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | nonblocking, 0);
  if (fd < 0) action_fail("socket");
  const struct sockaddr* address = (const struct sockaddr*)&t->address;
  int error = 0;
  if (strcmp(way, "tcp-uring") == 0) {
    error = uring_connect(fd, address, t->length);
  } else if (strcmp(way, "udp-send") == 0) {
    error = sendto(fd, "tocsin", 6, 0, address, t->length) == 6 ? 0 : errno;
  } else {
    error = connect(fd, address, t->length) == 0 ? 0 : errno;
    if (error == EINPROGRESS) error = wait_connected(fd);
    if (error == 0 && datagram) error = send(fd, "tocsin", 6, 0) == 6 ? 0 : errno;
  }
  close(fd);
  return error;
}

int main(int argc, char** argv) {
  static const char usage[] =
      "tcp|tcp-nonblock|tcp-uring|udp|udp-send ADDRESS PORT [--netns] [--cgroup FOLDER]";
  action_begin(argc, argv, 4, usage);
  const struct target t = parse_target(argv[2], argv[3]);
  for (int i = 4; i < argc; ++i) {
    if (strcmp(argv[i], "--netns") == 0)
      enter_network_namespace(&t);
    else if (strcmp(argv[i], "--cgroup") == 0 && i + 1 < argc)
      enter_cgroup(argv[++i]);
  }
  const int error = contact(argv[1], &t);
  printf(
      "{\"action\":\"contact\",\"way\":\"%s\",\"pid\":%d,\"address\":\"%s\",\"port\":%s,"
      "\"errno\":%d}\n",
      argv[1], (int)getpid(), argv[2], argv[3], error);
  return 0;
}
