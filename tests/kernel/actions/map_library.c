/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/* Maps a library as code, waits, and, when told so, contacts an address over TCP. Linked statically
 * it maps the file itself, as a loader of its own would. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef TOCSIN_DLOPEN
#include <dlfcn.h>
#endif

#include "action.h"

#ifdef TOCSIN_DLOPEN
static void load(const char* path) {
  if (dlopen(path, RTLD_NOW) == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
}
#else
static void load(const char* path) {
  struct stat st;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) != 0) action_fail(path);
  if (mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
    action_fail("mmap");
  close(fd);
}
#endif

static void contact(const char* address, const char* port) {
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((unsigned short)strtoul(port, NULL, 10))};
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1) action_fail(address);
  (void)!connect(fd, (const struct sockaddr*)&to, sizeof to); /* refused is a contact, too */
  close(fd);
}

int main(int argc, char** argv) {
  action_begin(argc, argv, 3, "LIBRARY MS [ADDRESS PORT]");
  load(argv[1]);
  const long ms = strtol(argv[2], NULL, 10);
  const struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&wait, NULL);
  if (argc > 4) contact(argv[3], argv[4]);
  printf("{\"action\":\"map_library\",\"pid\":%d,\"path\":\"%s\"}\n", (int)getpid(), argv[1]);
  return 0;
}
