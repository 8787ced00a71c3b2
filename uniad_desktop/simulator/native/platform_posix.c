/* Linux and macOS side of platform.h. */
#ifndef _WIN32
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "platform.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void lock_take(Lock *lock) { pthread_mutex_lock(lock); }
void lock_give(Lock *lock) { pthread_mutex_unlock(lock); }
void condition_close(Condition *condition) { pthread_cond_destroy(condition); }
void condition_wake(Condition *condition) { pthread_cond_broadcast(condition); }

uint64_t clock_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

#ifdef __APPLE__
void condition_open(Condition *condition) { pthread_cond_init(condition, NULL); }

void condition_wait(Condition *condition, Lock *lock, uint64_t deadline) {
    uint64_t now = clock_ns();
    struct timespec t;
    if (!deadline) {
        pthread_cond_wait(condition, lock);
    } else if (deadline > now) {
        t.tv_sec = (time_t)((deadline - now) / NS_PER_S);
        t.tv_nsec = (long)((deadline - now) % NS_PER_S);
        pthread_cond_timedwait_relative_np(condition, lock, &t);
    }
}
#else
void condition_open(Condition *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    /* The wall clock may jump; the monotonic one does not. */
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

void condition_wait(Condition *condition, Lock *lock, uint64_t deadline) {
    struct timespec t;
    if (!deadline) {
        pthread_cond_wait(condition, lock);
        return;
    }
    t.tv_sec = (time_t)(deadline / NS_PER_S);
    t.tv_nsec = (long)(deadline % NS_PER_S);
    pthread_cond_timedwait(condition, lock, &t);
}
#endif

typedef struct {
    void (*function)(void *);
    void *argument;
} Start;

static void *run(void *argument) {
    Start start = *(Start *)argument;
    free(argument);
    start.function(start.argument);
    return NULL;
}

int thread_start(Thread *thread, void (*function)(void *), void *argument) {
    Start *start = malloc(sizeof *start);
    if (!start) return -1;
    start->function = function;
    start->argument = argument;
    if (pthread_create(thread, NULL, run, start)) {
        free(start);
        return -1;
    }
    return 0;
}

void thread_join(Thread thread) { pthread_join(thread, NULL); }
void sleep_us(unsigned us) { usleep(us); }

size_t environment(const char *name, char *text, size_t size) {
    const char *value = getenv(name);
    text[0] = 0;
    if (!value || strlen(value) >= size) return 0;
    strcpy(text, value);
    return strlen(text);
}

int file_exists(const char *path) { return access(path, F_OK) == 0; }

void own_path(char *text, size_t size) {
    Dl_info info;
    text[0] = 0;
    if (dladdr((void *)&own_path, &info) && info.dli_fname)
        snprintf(text, size, "%s", info.dli_fname);
}

int mapping_open(Mapping *mapping, const char *path) {
    struct stat status;
    void *data;
    memset(mapping, 0, sizeof *mapping);
    mapping->file = open(path, O_RDWR | O_CLOEXEC);
    if (mapping->file < 0) return -1;
    if (fstat(mapping->file, &status) == 0 && status.st_size > 0) {
        mapping->size = (size_t)status.st_size;
        data = mmap(NULL, mapping->size, PROT_READ | PROT_WRITE, MAP_SHARED, mapping->file, 0);
        if (data != MAP_FAILED) {
            mapping->data = data;
            return 0;
        }
    }
    close(mapping->file);
    return -1;
}

void mapping_close(Mapping *mapping) {
    if (!mapping->data) return;
    munmap(mapping->data, mapping->size);
    close(mapping->file);
    memset(mapping, 0, sizeof *mapping);
}

int mapping_claim(Mapping *mapping) { return flock(mapping->file, LOCK_EX | LOCK_NB); }
void mapping_release(Mapping *mapping) { flock(mapping->file, LOCK_UN); }

uint32_t load_u32(const void *p) { return __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE); }
uint64_t load_u64(const void *p) { return __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE); }
void store_u32(void *p, uint32_t v) { __atomic_store_n((uint32_t *)p, v, __ATOMIC_RELEASE); }
void store_u64(void *p, uint64_t v) { __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELEASE); }
#else
typedef int nothing_to_compile_here; /* an empty source file is not valid C */
#endif
