// socketmapd PORT FILE: the least that a Postfix socketmap server can do, as a yardstick: one thread, a hash table in memory.
// FILE: one address per line. Requests are netstrings "map key"; a key of the file is answered "OK OK", any other "NOTFOUND ".
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOTS = 1 << 22, MAX_REQUEST = 8192 };
struct client { int fd; size_t filled; char buffer[MAX_REQUEST]; };
static char *table[SLOTS];

static size_t slot_of(char *key, size_t length) { // FNV-1a; makes the key lower-case on the way
  uint64_t h = 1469598103934665603ull;
  for (size_t i = 0; i < length; i++) h = (h ^ (uint8_t)(key[i] = (char)tolower((unsigned char)key[i]))) * 1099511628211ull;
  size_t i = h % SLOTS;
  while (table[i] && (strncmp(table[i], key, length) || table[i][length])) i = (i + 1) % SLOTS;
  return i;
}
static int is_known(char *request, size_t length) {
  char *key = memchr(request, ' ', length);
  return key && table[slot_of(key + 1, length - (size_t)(key + 1 - request))] != NULL;
}
static int serve(struct client *c) { // 0: the connection is over
  ssize_t n = recv(c->fd, c->buffer + c->filled, sizeof c->buffer - c->filled, 0);
  if (n <= 0) return 0;
  c->filled += (size_t)n;
  for (char *colon; (colon = memchr(c->buffer, ':', c->filled));) {
    size_t length = strtoul(c->buffer, NULL, 10), head = (size_t)(colon - c->buffer) + 1;
    if (head + length + 1 > sizeof c->buffer) return 0;
    if (c->filled < head + length + 1) break;
    const char *reply = is_known(colon + 1, length) ? "5:OK OK," : "9:NOTFOUND ,";
    if (send(c->fd, reply, strlen(reply), MSG_NOSIGNAL) < 0) return 0;
    c->filled -= head + length + 1;
    memmove(c->buffer, c->buffer + head + length + 1, c->filled);
  }
  return 1;
}
int main(int argc, char **argv) {
  FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
  if (!file) { fprintf(stderr, "socketmapd PORT FILE\n"); return 2; }
  char *line = NULL; size_t size = 0;
  while (getline(&line, &size, file) > 0) {
    size_t length = strcspn(line, "\r\n"), slot;
    line[length] = 0;
    slot = slot_of(line, length);
    if (!table[slot]) table[slot] = strdup(line);
  }
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), epoll_fd = epoll_create1(0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 256)) { perror("listen"); return 1; }
  struct epoll_event event = {.events = EPOLLIN}, events[64];
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int n = epoll_wait(epoll_fd, events, 64, -1);
    for (int i = 0; i < n; i++) {
      struct client *c = events[i].data.ptr;
      if (!c) {
        c = calloc(1, sizeof *c);
        c->fd = accept(listener, NULL, NULL);
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        event.data.ptr = c;
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
      } else if (!serve(c)) {
        close(c->fd);
        free(c);
      }
    }
  }
}
