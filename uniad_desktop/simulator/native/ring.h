/* The parts that a feeder process draws, in a file mapped by both (layout: also ring.py).
 *
 * The feeder writes parts into free slots and raises `head`; the camera takes them in order and
 * raises `tail`. Each value has one writer. A part carries the generation of the settings it was
 * drawn for, so that parts drawn ahead are skipped once a setting has changed. */
#pragma once

#include "platform.h"

#define RING_MAGIC "UNIADSIM"
#define RING_VERSION 2u
#define LINE_EVENTS 256u
#define RING_HISTORY 64u
#define RING_HISTORY_OFFSET 4096u
#define RING_PIXELS_OFFSET 128u /* within a slot, after its tag */
#define DEFECT_BYTES 40

typedef struct {
    uint32_t generation, product;
    uint64_t number, seed;
    char defect[DEFECT_BYTES]; /* empty: a good part */
} PartTag;

typedef struct {
    PartTag part;
    uint64_t frame, time;
} ShownPart;

typedef struct {
    char magic[8];
    uint32_t version, width, height, slots;
    uint64_t slot_bytes, slots_offset;
    uint8_t reserved_1[88];
    /* written by the camera (first by whoever makes the file) */
    uint32_t generation, product;
    double defect_rate, lighting_drift, frame_rate;
    uint64_t first_part; /* number of the first part of this generation */
    uint64_t parts_shown;
    uint64_t tail;
    uint64_t shown; /* entries ever written to the history */
    uint32_t seed, streaming, triggered;
    uint32_t lines;        /* LineStatusAll */
    uint64_t absent_until; /* SimVanish, on the monotonic clock */
    uint8_t reserved_2[40];
    /* written by the feeder */
    uint64_t head;
    uint8_t reserved_3[248];
    /* written by whoever moves the input lines from outside */
    uint64_t line_head; /* events ever written */
    uint32_t levels;    /* as the last event left them, Line0 lowest */
    uint8_t reserved_4[244];
    uint8_t line_events[LINE_EVENTS]; /* line * 2 + level */
} RingHeader;

typedef struct {
    Mapping mapping;
    RingHeader *header;
    int taking; /* a part is in front of the camera: between ring_take and ring_release */
} Ring;

/* Maps the file; 0 if it is a ring. The caller fills in nothing before. */
int ring_open(Ring *ring, const char *path);
void ring_close(Ring *ring);
/* Passes over parts drawn for former settings; 1 if a part of the present ones is ready. */
int ring_ready(Ring *ring);
/* The part that ring_ready found; its RGB8 pixels are there until ring_release. */
PartTag ring_take(Ring *ring);
const uint8_t *ring_pixels(const Ring *ring);
/* The part has passed: frees its slot and writes it to the history. */
void ring_release(Ring *ring, uint64_t frame, uint64_t time);
/* New settings: parts drawn ahead are stale from now on. `restart` counts parts from 0 again. */
void ring_set(Ring *ring, uint32_t product, double defect_rate, double lighting_drift,
              uint32_t seed, int restart);
void ring_set_state(Ring *ring, int streaming, int triggered);
