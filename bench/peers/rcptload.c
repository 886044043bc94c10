// rcptload PORT FILE SESSIONS SECONDS: asks an SMTP server on 127.0.0.1 about recipients, one RCPT TO at a time in each session.
// FILE: one address per line, taken at random. One second of warm-up is not counted. No message is sent.
// Prints: rcpt/s, median and 99th percentile of the answer time in microseconds, answers 2xx, 4xx, 5xx, lost connections.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RECIPIENTS_PER_TRANSACTION = 50, MAX_SAMPLES = 4000000, WARM_UP_SECONDS = 1 };
enum state { GREETING, EHLO, MAIL, RCPT, RSET };
struct session { int fd, asked; enum state state; size_t filled; double sent; char buffer[4096]; };

static char **addresses; static size_t count;
static float *samples; static long sampled, good, later, bad, lost;
static uint64_t seed = 88172645463325252ull;
static int port, epoll_fd, counting;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (double)t.tv_sec + (double)t.tv_nsec / 1e9; }
static uint64_t next_random(void) { seed ^= seed << 13; seed ^= seed >> 7; return seed ^= seed << 17; }

static void say(struct session *s, enum state state, const char *line) {
  s->state = state;
  s->sent = now();
  if (send(s->fd, line, strlen(line), MSG_NOSIGNAL) < 0) perror("send");
}
static void ask(struct session *s) {
  char line[1200];
  snprintf(line, sizeof line, "RCPT TO:<%s>\r\n", addresses[next_random() % count]);
  s->asked++;
  say(s, RCPT, line);
}
static void open_session(struct session *s) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int one = 1;
  s->fd = socket(AF_INET, SOCK_STREAM, 0);
  s->filled = 0; s->state = GREETING; s->asked = 0;
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(s->fd, (struct sockaddr *)&to, sizeof to)) { perror("connect"); exit(1); }
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, s->fd, &event);
}
static void reopen(struct session *s) { lost++; close(s->fd); open_session(s); }

static void answer(struct session *s, int code) {
  if (s->state == RCPT) {
    if (counting) {
      if (code < 300) good++; else if (code < 500) later++; else bad++;
      if (sampled < MAX_SAMPLES) samples[sampled++] = (float)((now() - s->sent) * 1e6);
    }
    if (code == 421) { reopen(s); return; }
    if (s->asked < RECIPIENTS_PER_TRANSACTION) ask(s); else say(s, RSET, "RSET\r\n");
    return;
  }
  if (code >= 400) { reopen(s); return; }
  switch (s->state) {
    case GREETING: say(s, EHLO, "EHLO load.example\r\n"); break;
    case EHLO: case RSET: s->asked = 0; say(s, MAIL, "MAIL FROM:<sender@load.example>\r\n"); break;
    default: ask(s);
  }
}
static void receive(struct session *s) {
  ssize_t n = recv(s->fd, s->buffer + s->filled, sizeof s->buffer - s->filled, 0);
  if (n <= 0) { reopen(s); return; }
  s->filled += (size_t)n;
  for (char *end; (end = memchr(s->buffer, '\n', s->filled));) {
    size_t line = (size_t)(end - s->buffer) + 1;
    int code = atoi(s->buffer), more = line > 4 && s->buffer[3] == '-';
    memmove(s->buffer, end + 1, s->filled -= line);
    if (!more) answer(s, code);
  }
}
static int ascending(const void *a, const void *b) { float x = *(const float *)a, y = *(const float *)b; return x < y ? -1 : x > y; }

int main(int argc, char **argv) {
  if (argc != 5) { fprintf(stderr, "rcptload PORT FILE SESSIONS SECONDS\n"); return 2; }
  FILE *file = fopen(argv[2], "r");
  if (!file) { perror(argv[2]); return 1; }
  char *line = NULL; size_t size = 0, room = 0;
  for (ssize_t n; (n = getline(&line, &size, file)) > 0;) {
    line[strcspn(line, "\r\n")] = 0;
    if (count == room) addresses = realloc(addresses, (room = room * 2 + 1024) * sizeof *addresses);
    addresses[count++] = strdup(line);
  }
  if (!count) { fprintf(stderr, "%s is empty\n", argv[2]); return 1; }
  port = atoi(argv[1]);
  int sessions = atoi(argv[3]);
  double seconds = atof(argv[4]), begin = now(), counted_from = 0;
  samples = malloc(MAX_SAMPLES * sizeof *samples);
  epoll_fd = epoll_create1(0);
  struct session *all = calloc((size_t)sessions, sizeof *all);
  for (int i = 0; i < sessions; i++) open_session(&all[i]);
  for (;;) {
    struct epoll_event events[64];
    int n = epoll_wait(epoll_fd, events, 64, 100);
    double t = now();
    if (!counting && t - begin > WARM_UP_SECONDS) { counting = 1; counted_from = t; }
    if (counting && t - counted_from > seconds) break;
    for (int i = 0; i < n; i++) receive(events[i].data.ptr);
  }
  double took = now() - counted_from;
  qsort(samples, (size_t)sampled, sizeof *samples, ascending);
  printf("rcpt_s=%.0f p50_us=%.0f p99_us=%.0f c2xx=%ld c4xx=%ld c5xx=%ld lost=%ld\n", (double)(good + later + bad) / took,
         sampled ? samples[sampled / 2] : 0, sampled ? samples[sampled * 99 / 100] : 0, good, later, bad, lost);
  return 0;
}
