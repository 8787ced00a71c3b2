/* Camera side of the ring of parts. */
#include "ring.h"

#include <string.h>

_Static_assert(sizeof(PartTag) == 64, "layout shared with ring.py");
_Static_assert(sizeof(ShownPart) == 80, "layout shared with ring.py");
_Static_assert(offsetof(RingHeader, generation) == 128, "layout shared with ring.py");
_Static_assert(offsetof(RingHeader, tail) == 176, "layout shared with ring.py");
_Static_assert(offsetof(RingHeader, lines) == 204, "layout shared with ring.py");
_Static_assert(offsetof(RingHeader, head) == 256, "layout shared with ring.py");
_Static_assert(offsetof(RingHeader, line_head) == 512, "layout shared with ring.py");
_Static_assert(offsetof(RingHeader, line_events) == 768, "layout shared with ring.py");

#define LARGEST_SIDE 16384u
#define MOST_SLOTS 1024u

/* The file comes from another process: nothing in it is believed before it was checked. */
static int valid(const Mapping *mapping) {
    const RingHeader *h = (const RingHeader *)mapping->data;
    uint64_t pixels, end;
    if (mapping->size < RING_HISTORY_OFFSET + RING_HISTORY * sizeof(ShownPart)) return 0;
    if (memcmp(h->magic, RING_MAGIC, sizeof h->magic) || h->version != RING_VERSION) return 0;
    if (!h->width || h->width > LARGEST_SIDE || !h->height || h->height > LARGEST_SIDE) return 0;
    if (!h->slots || h->slots > MOST_SLOTS) return 0;
    pixels = (uint64_t)h->width * h->height * 3;
    if (h->slot_bytes < RING_PIXELS_OFFSET + pixels || h->slot_bytes > mapping->size) return 0;
    if (h->slots_offset % 8 || h->slot_bytes % 8) return 0;
    end = h->slots_offset + h->slot_bytes * h->slots;
    return h->slots_offset >= RING_HISTORY_OFFSET + RING_HISTORY * sizeof(ShownPart) &&
           h->slots_offset <= mapping->size && end <= mapping->size;
}

int ring_open(Ring *ring, const char *path) {
    memset(ring, 0, sizeof *ring);
    if (mapping_open(&ring->mapping, path)) return -1;
    if (!valid(&ring->mapping)) {
        mapping_close(&ring->mapping);
        return -1;
    }
    ring->header = (RingHeader *)ring->mapping.data;
    return 0;
}

void ring_close(Ring *ring) {
    if (ring->header) mapping_close(&ring->mapping);
    ring->header = NULL;
}

static const uint8_t *slot(const Ring *ring) {
    const RingHeader *h = ring->header;
    return ring->mapping.data + h->slots_offset + h->tail % h->slots * h->slot_bytes;
}

static PartTag tag(const Ring *ring) {
    PartTag part;
    memcpy(&part, slot(ring), sizeof part);
    part.defect[DEFECT_BYTES - 1] = 0;
    return part;
}

int ring_ready(Ring *ring) {
    RingHeader *h = ring->header;
    while (load_u64(&h->head) > h->tail) {
        if (tag(ring).generation == h->generation) return 1;
        store_u64(&h->tail, h->tail + 1);
    }
    return 0;
}

PartTag ring_take(Ring *ring) {
    ring->taking = 1;
    return tag(ring);
}

const uint8_t *ring_pixels(const Ring *ring) { return slot(ring) + RING_PIXELS_OFFSET; }

void ring_release(Ring *ring, uint64_t frame, uint64_t time) {
    RingHeader *h = ring->header;
    ShownPart *history = (ShownPart *)(ring->mapping.data + RING_HISTORY_OFFSET);
    ShownPart entry;
    entry.part = tag(ring);
    entry.frame = frame;
    entry.time = time;
    history[h->shown % RING_HISTORY] = entry;
    store_u64(&h->shown, h->shown + 1);
    /* If the settings changed meanwhile, ring_set has counted this part. */
    if (entry.part.generation == h->generation) h->parts_shown = entry.part.number + 1;
    ring->taking = 0;
    store_u64(&h->tail, h->tail + 1);
}

void ring_set(Ring *ring, uint32_t product, double defect_rate, double lighting_drift,
              uint32_t seed, int restart) {
    RingHeader *h = ring->header;
    if (!h) return;
    /* The part in front of the camera now must not be drawn once more. */
    h->parts_shown = restart ? 0 : h->parts_shown + (ring->taking ? 1 : 0);
    h->product = product;
    h->defect_rate = defect_rate;
    h->lighting_drift = lighting_drift;
    h->seed = seed;
    h->first_part = h->parts_shown;
    /* Last: a feeder that sees the new generation sees the new settings too. */
    store_u32(&h->generation, h->generation + 1);
}

void ring_set_state(Ring *ring, int streaming, int triggered) {
    if (!ring->header) return;
    store_u32(&ring->header->streaming, (uint32_t)streaming);
    store_u32(&ring->header->triggered, (uint32_t)triggered);
}
