/* The few services of the operating system that the producer needs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
typedef SRWLOCK Lock;
typedef CONDITION_VARIABLE Condition;
typedef HANDLE Thread;
#define LOCK_INITIAL SRWLOCK_INIT
#else
#include <pthread.h>
typedef pthread_mutex_t Lock;
typedef pthread_cond_t Condition;
typedef pthread_t Thread;
#define LOCK_INITIAL PTHREAD_MUTEX_INITIALIZER
#endif

#define NS_PER_MS 1000000u
#define NS_PER_S 1000000000u

/* A file mapped read-write and shared with other processes. */
typedef struct {
    uint8_t *data;
    size_t size;
#ifdef _WIN32
    HANDLE file;
#else
    int file;
#endif
} Mapping;

void lock_take(Lock *lock);
void lock_give(Lock *lock);

void condition_open(Condition *condition);
void condition_close(Condition *condition);
void condition_wake(Condition *condition);
/* Waits until woken or until the clock shows `deadline`; 0 waits without end. */
void condition_wait(Condition *condition, Lock *lock, uint64_t deadline);

int thread_start(Thread *thread, void (*function)(void *), void *argument);
void thread_join(Thread thread);
void sleep_us(unsigned us);

/* Monotonic clock in ns; on Linux the one that Python's time.monotonic_ns reads. */
uint64_t clock_ns(void);

/* Counters shared with another process: stores before a release are seen after the acquire. */
uint32_t load_u32(const void *address);
uint64_t load_u64(const void *address);
void store_u32(void *address, uint32_t value);
void store_u64(void *address, uint64_t value);

/* Copies an environment variable (UTF-8) and returns its length, 0 where there is none. */
size_t environment(const char *name, char *text, size_t size);
int file_exists(const char *path);
/* Path of this library. */
void own_path(char *text, size_t size);

int mapping_open(Mapping *mapping, const char *path);
void mapping_close(Mapping *mapping);
/* Takes the file for this process alone; 0 if it worked. The system gives it back at exit. */
int mapping_claim(Mapping *mapping);
void mapping_release(Mapping *mapping);
