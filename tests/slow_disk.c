/*
 * A slow disk: each fsync and fdatasync takes SLOW_DISK_MS milliseconds more. At the end of the
 * process it says how many there were.
 *
 *     cc -O2 -shared -fPIC -o target/slow_disk.so tests/slow_disk.c
 *     SLOW_DISK_MS=5 LD_PRELOAD=$PWD/target/slow_disk.so cargo test --release \
 *         -p tcloud-local --lib -- --ignored --nocapture figures
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static atomic_ulong count;

static int slowly(const char *name, int file)
{
    const char *text = getenv("SLOW_DISK_MS");
    long milliseconds = text ? atol(text) : 0;
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    int (*really)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    atomic_fetch_add(&count, 1);
    nanosleep(&pause, NULL);
    return really(file);
}

int fsync(int file)
{
    return slowly("fsync", file);
}

int fdatasync(int file)
{
    return slowly("fdatasync", file);
}

__attribute__((destructor)) static void report(void)
{
    fprintf(stderr, "%lu fsyncs\n", atomic_load(&count));
}
