/*
 * The sandbox program of a pod: the only thing in its image, so it has no C library and speaks to the kernel itself.
 *
 *   pause               holds the pod's namespaces: reaps orphans, ends with 0 on SIGTERM or SIGINT
 *   pause forward PORT  joins stdin and stdout to 127.0.0.1:PORT, or ::1, inside those namespaces (port-forward)
 */

typedef unsigned long word;

#if defined(__x86_64__)
enum { SYS_read = 0, SYS_write = 1, SYS_rt_sigprocmask = 14, SYS_socket = 41, SYS_connect = 42, SYS_shutdown = 48,
       SYS_exit = 60, SYS_wait4 = 61, SYS_fcntl = 72, SYS_rt_sigtimedwait = 128, SYS_ppoll = 271 };
__asm__(".global _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call start\n");

static long call(long number, word a, word b, word c, word d, word e) {
  long result;
  register word r10 __asm__("r10") = d;
  register word r8 __asm__("r8") = e;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
enum { SYS_fcntl = 25, SYS_read = 63, SYS_write = 64, SYS_ppoll = 73, SYS_exit = 93, SYS_rt_sigprocmask = 135,
       SYS_rt_sigtimedwait = 137, SYS_socket = 198, SYS_connect = 203, SYS_shutdown = 210, SYS_wait4 = 260 };
__asm__(".global _start\n_start:\n mov x29, #0\n mov x30, #0\n mov x0, sp\n bl start\n");

static long call(long number, word a, word b, word c, word d, word e) {
  register word x8 __asm__("x8") = number;
  register word x0 __asm__("x0") = a;
  register word x1 __asm__("x1") = b;
  register word x2 __asm__("x2") = c;
  register word x3 __asm__("x3") = d;
  register word x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return (long)x0;
}
#else
#error "pause knows x86_64 and aarch64"
#endif

enum { EINTR = 4, EAGAIN = 11, ECONNREFUSED = 111 };
enum { SIGINT = 2, SIGPIPE = 13, SIGTERM = 15, SIGCHLD = 17, SIG_BLOCK = 0, SIGSET_BYTES = 8, WNOHANG = 1 };
enum { AF_INET = 2, AF_INET6 = 10, SOCK_STREAM = 1, SHUT_WR = 1, F_SETFL = 4, O_NONBLOCK = 04000 };
enum { POLLIN = 1, POLLOUT = 4 };
enum { STDIN = 0, STDOUT = 1, STDERR = 2 };

/* After the client has sent its last byte, a server that says nothing for so long is left: the client may be gone. */
enum { HALF_CLOSED_IDLE_S = 60 };

static void quit(int code) {
  for (;;) call(SYS_exit, code, 0, 0, 0, 0);
}

static void say(const char *text) {
  word length = 0;
  while (text[length] != 0) length++;
  call(SYS_write, STDERR, (word)text, length, 0, 0);
}

/* Blocked signals stay pending even for process 1, so that they can be waited for without a handler. */
static word block(word signals) {
  call(SYS_rt_sigprocmask, SIG_BLOCK, (word)&signals, 0, SIGSET_BYTES, 0);
  return signals;
}

static word mask_of(int signal) { return 1UL << (signal - 1); }

static void hold(void) {
  word signals = block(mask_of(SIGTERM) | mask_of(SIGINT) | mask_of(SIGCHLD));
  for (;;) {
    long signal = call(SYS_rt_sigtimedwait, (word)&signals, 0, 0, SIGSET_BYTES, 0);
    if (signal == SIGTERM || signal == SIGINT) quit(0);
    while (call(SYS_wait4, -1, 0, WNOHANG, 0, 0) > 0) {
    }
  }
}

static long connect_to(int family, unsigned short port) {
  unsigned char address[28]; /* sockaddr_in (16 bytes) or sockaddr_in6 */
  for (int i = 0; i < 28; i++) ((volatile unsigned char *)address)[i] = 0;
  *(unsigned short *)address = (unsigned short)family;
  address[2] = (unsigned char)(port >> 8);
  address[3] = (unsigned char)port;
  if (family == AF_INET) {
    address[4] = 127;
    address[7] = 1;
  } else {
    address[23] = 1;
  }
  long socket = call(SYS_socket, family, SOCK_STREAM, 0, 0, 0);
  if (socket < 0) return socket;
  long error = call(SYS_connect, socket, (word)address, family == AF_INET ? 16 : 28, 0, 0);
  return error < 0 ? error : socket;
}

struct flow {
  int from, to;
  int start, end; /* what of the buffer is still to be written */
  int ended;      /* `from` has said its last */
  int finished;   /* and all of it has been passed on, or cannot be */
  char buffer[64 * 1024];
};

struct pollfd {
  int fd;
  short events, revents;
};

static struct flow upstream, downstream;

static int passing(long error) { return error == -EAGAIN || error == -EINTR; }

static void pump(struct flow *flow) {
  if (flow->finished) return;
  if (flow->start == flow->end && !flow->ended) {
    long count = call(SYS_read, flow->from, (word)flow->buffer, sizeof flow->buffer, 0, 0);
    if (count > 0) {
      flow->start = 0;
      flow->end = (int)count;
    } else if (!passing(count)) {
      flow->ended = 1;
    }
  }
  if (flow->start < flow->end) {
    long count = call(SYS_write, flow->to, (word)(flow->buffer + flow->start), flow->end - flow->start, 0, 0);
    if (count > 0) {
      flow->start += (int)count;
    } else if (!passing(count)) {
      flow->finished = 1;
    }
  }
  if (flow->start == flow->end && flow->ended) flow->finished = 1;
}

static struct pollfd waiting_for(const struct flow *flow) {
  struct pollfd poll = {-1, 0, 0};
  if (flow->finished) return poll;
  int reading = flow->start == flow->end;
  poll.fd = reading ? flow->from : flow->to;
  poll.events = reading ? POLLIN : POLLOUT;
  return poll;
}

static void forward(unsigned short port) {
  block(mask_of(SIGPIPE));
  long socket = connect_to(AF_INET, port);
  if (socket < 0) {
    long error = socket;
    socket = connect_to(AF_INET6, port);
    if (socket < 0) {
      say(error == -ECONNREFUSED ? "connection refused\n" : "cannot connect\n");
      quit(1);
    }
  }
  int ends[3] = {STDIN, STDOUT, (int)socket};
  for (int i = 0; i < 3; i++) call(SYS_fcntl, ends[i], F_SETFL, O_NONBLOCK, 0, 0);
  upstream.from = STDIN;
  upstream.to = downstream.from = (int)socket;
  downstream.to = STDOUT;
  int half_closed = 0;
  while (!downstream.finished) {
    struct pollfd polls[2] = {waiting_for(&upstream), waiting_for(&downstream)};
    long limit[2] = {HALF_CLOSED_IDLE_S, 0};
    long ready = call(SYS_ppoll, (word)polls, 2, half_closed ? (word)limit : 0, 0, 0);
    if (ready == 0) break;
    pump(&upstream);
    pump(&downstream);
    if (upstream.finished && !half_closed) {
      call(SYS_shutdown, socket, SHUT_WR, 0, 0, 0);
      half_closed = 1;
    }
  }
  quit(0);
}

static int same(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

/* 1 to 65535, or 0 where the text is no such number. */
static unsigned short port_of(const char *text) {
  unsigned port = 0;
  for (; *text >= '0' && *text <= '9' && port <= 65535; text++) port = port * 10 + (unsigned)(*text - '0');
  return *text == 0 && port <= 65535 ? (unsigned short)port : 0;
}

__attribute__((used)) static void start(word *stack) {
  int count = (int)stack[0];
  char **arguments = (char **)(stack + 1);
  if (count == 1) hold();
  if (count == 3 && same(arguments[1], "forward") && port_of(arguments[2]) != 0) forward(port_of(arguments[2]));
  say("usage: pause | pause forward PORT\n");
  quit(2);
}
