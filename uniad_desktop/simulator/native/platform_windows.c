/* Windows side of platform.h. */
#ifdef _WIN32
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_UNITS 1024

void lock_take(Lock *lock) { AcquireSRWLockExclusive(lock); }
void lock_give(Lock *lock) { ReleaseSRWLockExclusive(lock); }
void condition_open(Condition *condition) { InitializeConditionVariable(condition); }
void condition_close(Condition *condition) { (void)condition; }
void condition_wake(Condition *condition) { WakeAllConditionVariable(condition); }

uint64_t clock_ns(void) {
    LARGE_INTEGER frequency, ticks;
    uint64_t whole, rest;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&ticks);
    whole = (uint64_t)(ticks.QuadPart / frequency.QuadPart);
    rest = (uint64_t)(ticks.QuadPart % frequency.QuadPart);
    return whole * NS_PER_S + rest * NS_PER_S / (uint64_t)frequency.QuadPart;
}

void condition_wait(Condition *condition, Lock *lock, uint64_t deadline) {
    uint64_t now = clock_ns();
    DWORD ms = INFINITE;
    if (deadline) ms = deadline <= now ? 0 : (DWORD)((deadline - now + NS_PER_MS - 1) / NS_PER_MS);
    SleepConditionVariableSRW(condition, lock, ms, 0);
}

typedef struct {
    void (*function)(void *);
    void *argument;
} Start;

static DWORD WINAPI run(LPVOID argument) {
    Start start = *(Start *)argument;
    free(argument);
    start.function(start.argument);
    return 0;
}

int thread_start(Thread *thread, void (*function)(void *), void *argument) {
    Start *start = malloc(sizeof *start);
    if (!start) return -1;
    start->function = function;
    start->argument = argument;
    *thread = CreateThread(NULL, 0, run, start, 0, NULL);
    if (*thread) return 0;
    free(start);
    return -1;
}

void thread_join(Thread thread) {
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

void sleep_us(unsigned us) { Sleep((us + 999) / 1000); }

static int widen(const char *text, WCHAR *wide) {
    return MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, PATH_UNITS) > 0;
}

static int narrow(const WCHAR *wide, char *text, size_t size) {
    text[0] = 0;
    return WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, (int)size, NULL, NULL) > 0;
}

/* Asks the system: a C runtime's getenv may keep a copy older than what the process set since. */
size_t environment(const char *name, char *text, size_t size) {
    WCHAR wide_name[PATH_UNITS], value[PATH_UNITS];
    DWORD length;
    text[0] = 0;
    if (!widen(name, wide_name)) return 0;
    length = GetEnvironmentVariableW(wide_name, value, PATH_UNITS);
    if (!length || length >= PATH_UNITS || !narrow(value, text, size)) return 0;
    return strlen(text);
}

int file_exists(const char *path) {
    WCHAR wide[PATH_UNITS];
    return widen(path, wide) && GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES;
}

void own_path(char *text, size_t size) {
    WCHAR wide[PATH_UNITS];
    HMODULE module = NULL;
    DWORD flags =
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    text[0] = 0;
    if (GetModuleHandleExW(flags, (LPCWSTR)&own_path, &module) &&
        GetModuleFileNameW(module, wide, PATH_UNITS))
        narrow(wide, text, size);
}

int mapping_open(Mapping *mapping, const char *path) {
    WCHAR wide[PATH_UNITS];
    LARGE_INTEGER size;
    HANDLE section;
    DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    memset(mapping, 0, sizeof *mapping);
    if (!widen(path, wide)) return -1;
    mapping->file = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, share, NULL, OPEN_EXISTING,
                                FILE_ATTRIBUTE_NORMAL, NULL);
    if (mapping->file == INVALID_HANDLE_VALUE) return -1;
    section = CreateFileMappingW(mapping->file, NULL, PAGE_READWRITE, 0, 0, NULL);
    if (section && GetFileSizeEx(mapping->file, &size)) {
        mapping->data = MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, 0);
        mapping->size = (size_t)size.QuadPart;
    }
    if (section) CloseHandle(section);
    if (mapping->data) return 0;
    CloseHandle(mapping->file);
    return -1;
}

void mapping_close(Mapping *mapping) {
    if (!mapping->data) return;
    UnmapViewOfFile(mapping->data);
    CloseHandle(mapping->file);
    memset(mapping, 0, sizeof *mapping);
}

/* The byte that is locked lies beyond the file: the lock is a sign, not a barrier for the feeder.
 */
#define CLAIM_OFFSET_HIGH 0x40000000

int mapping_claim(Mapping *mapping) {
    OVERLAPPED where = {0};
    where.OffsetHigh = CLAIM_OFFSET_HIGH;
    return LockFileEx(mapping->file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0,
                      &where)
               ? 0
               : -1;
}

void mapping_release(Mapping *mapping) {
    OVERLAPPED where = {0};
    where.OffsetHigh = CLAIM_OFFSET_HIGH;
    UnlockFileEx(mapping->file, 0, 1, 0, &where);
}

uint32_t load_u32(const void *p) { return __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE); }
uint64_t load_u64(const void *p) { return __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE); }
void store_u32(void *p, uint32_t v) { __atomic_store_n((uint32_t *)p, v, __ATOMIC_RELEASE); }
void store_u64(void *p, uint64_t v) { __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELEASE); }
#else
typedef int nothing_to_compile_here; /* an empty source file is not valid C */
#endif
