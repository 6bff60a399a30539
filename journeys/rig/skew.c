// Clocks that are wrong: loaded into a browser before anything else (LD_PRELOAD), it answers for the kernel and translates deadlines back.
// Promise: every process of the browser sees the same wrong clocks, because all of them read the same shared words. No header is needed to build it.
typedef long i64;
typedef struct { i64 sec, nsec; } stamp;
// Shared with the journey: monotonic base (ns), drift (parts per billion), wall clock's error (ns). The last may change at any time.
static const volatile i64 *words;
static const i64 quiet[3];

extern char *getenv(const char *);
extern int open(const char *, int, ...);
extern void *mmap(void *, unsigned long, int, int, int, i64);
extern int close(int);
extern void *dlsym(void *, const char *);
extern void *dlvsym(void *, const char *, const char *);

static const volatile i64 *facts(void) {
  if (!words) {
    const char *path = getenv("DOUBLETAKE_RIG_CLOCK");
    int file = path ? open(path, 0) : -1;
    void *page = file < 0 ? (void *)-1 : mmap(0, 4096, 1, 1, file, 0);
    if (file >= 0) close(file);
    words = page == (void *)-1 ? quiet : page;
  }
  return words;
}
__attribute__((constructor)) static void load(void) { facts(); }

static i64 kernel(int id, stamp *out) {
#if defined(__x86_64__)
  i64 result;
  register i64 number __asm__("rax") = 228;
  __asm__ volatile("syscall" : "=a"(result) : "0"(number), "D"((i64)id), "S"(out) : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register i64 x0 __asm__("x0") = id;
  register stamp *x1 __asm__("x1") = out;
  register i64 x8 __asm__("x8") = 113;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x1), "r"(x8) : "memory");
  return x0;
#endif
}
static i64 read_ns(int id) { stamp now; kernel(id, &now); return now.sec * 1000000000 + now.nsec; }
static stamp stamp_of(i64 ns) { stamp out = { ns / 1000000000, ns % 1000000000 }; return out; }

// How far a clock of that kind is ahead of the true one at this moment: 0 and 5 are wall clocks, 1, 4, 6 and 7 count from the start of the machine.
static int is_wall(int id) { return id == 0 || id == 5; }
static int is_monotonic(int id) { return id == 1 || id == 4 || id == 6 || id == 7; }
static i64 ahead_ns(int id) {
  const volatile i64 *f = facts();
  if (!is_wall(id) && !is_monotonic(id)) return 0;
  i64 drifted = f[1] ? (read_ns(1) - f[0]) / 1000 * f[1] / 1000000 : 0;
  return drifted + (is_wall(id) ? f[2] : 0);
}

int clock_gettime(int id, stamp *out) {
  if (kernel(id, out) != 0) return -1;
  i64 ahead = ahead_ns(id);
  if (ahead) *out = stamp_of(out->sec * 1000000000 + out->nsec + ahead);
  return 0;
}
int gettimeofday(stamp *out, void *zone) {
  (void)zone;
  i64 ns = read_ns(0) + ahead_ns(0);
  out->sec = ns / 1000000000;
  out->nsec = ns % 1000000000 / 1000;
  return 0;
}
i64 time(i64 *out) {
  i64 seconds = (read_ns(0) + ahead_ns(0)) / 1000000000;
  if (out) *out = seconds;
  return seconds;
}

// Deadlines are absolute: those past 2001 are the wall clock's.
static stamp truly(const stamp *until) {
  return stamp_of(until->sec * 1000000000 + until->nsec - ahead_ns(until->sec > 1000000000 ? 0 : 1));
}
#define NEXT ((void *)-1)
#define PASS(name, symbol, parameters, arguments) \
  int name parameters { \
    static int (*real) parameters; \
    if (!real) real = (int (*) parameters)symbol; \
    stamp true_until = truly(until); \
    return real arguments; \
  }
#if defined(__x86_64__)
#define COND "GLIBC_2.3.2"
#else
#define COND "GLIBC_2.17"
#endif
PASS(pthread_cond_timedwait, dlvsym(NEXT, "pthread_cond_timedwait", COND), (void *cond, void *mutex, const stamp *until), (cond, mutex, &true_until))
PASS(pthread_cond_clockwait, dlsym(NEXT, "pthread_cond_clockwait"), (void *cond, void *mutex, int id, const stamp *until), (cond, mutex, id, &true_until))
PASS(sem_timedwait, dlsym(NEXT, "sem_timedwait"), (void *sem, const stamp *until), (sem, &true_until))
PASS(sem_clockwait, dlsym(NEXT, "sem_clockwait"), (void *sem, int id, const stamp *until), (sem, id, &true_until))
PASS(pthread_mutex_timedlock, dlsym(NEXT, "pthread_mutex_timedlock"), (void *mutex, const stamp *until), (mutex, &true_until))
