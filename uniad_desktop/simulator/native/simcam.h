/* The objects of the producer and what its parts offer each other.
 *
 * One lock (library.lock) guards everything; only pixels are copied outside it. Functions here
 * expect it to be held unless they say otherwise. */
#pragma once

#include "generated.h"
#include "gentl.h"
#include "image.h"
#include "platform.h"
#include "ring.h"

#define MAX_DEVICES 16
#define MAX_BUFFERS 1024
#define MESSAGES 16
#define PAGE_BYTES 256
#define PATH_BYTES 1024
#define XML_ADDRESS 0x100000u

#define SIMCAM_VENDOR "UniAD (simulated)"
#define SIMCAM_MODEL "SimCam"
#define SIMCAM_VERSION "1.0.0"
#define SIMCAM_TLTYPE "Custom"
#define INTERFACE_ID "SimCam-Interface"
#define STREAM_ID "Stream0"

/* The order is that of module_names in ports.c. */
typedef enum { SYSTEM_MODULE, INTERFACE_MODULE, LOCAL_DEVICE, REMOTE_DEVICE, DATA_STREAM } Kind;

typedef struct {
    uint64_t id;
    uint64_t time;
} Message;

struct Module;

typedef struct {
    int type;
    int killed;  /* 1: EventKill, the next wait ends; 2: unregistered, every wait ends */
    int waiters; /* threads inside EventGetData */
    uint64_t fired;
    struct Module *source;
    Message messages[MESSAGES];
    int first, count;
    Condition condition;
} Event;

/* What every GenTL module has: a port with an XML description, and events. */
typedef struct Module {
    Kind kind;
    const char *port;
    const unsigned char *xml;
    size_t xml_size;
    uint8_t page[PAGE_BYTES]; /* registers; the camera itself has Device.registers instead */
    Event *events[EVENT_TYPES];
} Module;

typedef struct {
    uint8_t *data;
    size_t size, filled;
    void *user;
    int owned; /* memory of the producer */
    /* where it is: in the input queue, being filled, or waiting in the output queue */
    int queued, filling, waiting;
    int fresh, incomplete;
    uint32_t width, height, x, y, format, padding;
    uint64_t frame, time;
    size_t image;        /* bytes of the picture */
    size_t second;       /* bytes of the confidence map behind it; 0: no multi-part payload */
    size_t chunk_offset; /* of the first chunk */
    int chunk_count;
    uint64_t chunk_ids[CHUNK_COUNT], chunk_values[CHUNK_COUNT];
} Buffer;

#define MOST_TRIGGERS 256

/* Triggers that came and are not answered yet, each with the time from which it may be. */
typedef struct {
    uint64_t ready[MOST_TRIGGERS];
    int count;
} Triggers;

typedef struct {
    Buffer *items[MAX_BUFFERS];
    int count;
} Queue;

typedef struct {
    Module local, remote, stream;
    uint8_t registers[REG_END];
    uint8_t user_set[REG_END];
    int user_set_saved;
    char id[TEXT_BYTES], serial[TEXT_BYTES];
    int opened, opened_before, lost;
    Ring ring;
    uint8_t *pattern; /* test picture, drawn where there is no ring */
    uint32_t random;
    uint64_t silent_until; /* SimStopAnswering */
    uint64_t absent_until; /* SimVanish */
    uint32_t levels;       /* of the input lines, Line0 lowest */
    uint64_t line_tail;    /* events from outside that were seen */
    uint64_t next_pulse;   /* of SimLine1PulseRate */

    int stream_opened, thread_running, quit;
    int grabbing;           /* DSStartAcquisition */
    int acquiring;          /* AcquisitionStart */
    uint64_t frames_left;   /* of AcquisitionMode */
    uint64_t stream_left;   /* of DSStartAcquisition */
    Triggers triggers[2];   /* by TriggerSelector */
    uint32_t burst_left;    /* frames of the burst that has begun */
    int reading_out;        /* a frame is being written */
    uint64_t exposure_from; /* beginning of the exposure that ends at `due` */
    uint64_t due;           /* end of the next exposure; 0: not begun */
    unsigned auto_frames;   /* since ExposureAuto or GainAuto was set */
    uint64_t next_look;     /* at the cable */
    uint64_t frame_id, started, delivered, lost_frames;
    Queue buffers, input, output;
    Condition wake;
    Thread thread;
} Device;

typedef struct {
    Lock lock;
    int initialized, system_opened, interface_opened;
    char path[PATH_BYTES], folder[PATH_BYTES];
    Module system, interface;
    Device devices[MAX_DEVICES];
    int device_count;
} Library;

extern Library library;

/* result.c: return codes with a text for GCGetLastError, and values for the GetInfo functions */
GC_ERROR fail(GC_ERROR code, const char *format, ...);
GC_ERROR last_error(int32_t *code, char *text, size_t *size);
GC_ERROR give(int32_t type, const void *value, size_t length, int32_t *out_type, void *out,
              size_t *size);
GC_ERROR give_text(const char *text, int32_t *type, void *out, size_t *size);
GC_ERROR give_i32(int32_t value, int32_t *type, void *out, size_t *size);
GC_ERROR give_u32(uint32_t value, int32_t *type, void *out, size_t *size);
GC_ERROR give_u64(uint64_t value, int32_t *type, void *out, size_t *size);
GC_ERROR give_size(size_t value, int32_t *type, void *out, size_t *size);
GC_ERROR give_bool(int value, int32_t *type, void *out, size_t *size);
GC_ERROR give_pointer(void *value, int32_t *type, void *out, size_t *size);

#define CHECK(condition, code, ...)                                                                \
    do {                                                                                           \
        if (!(condition)) return fail(code, __VA_ARGS__);                                          \
    } while (0)

/* registers.c: the camera's features */
void module_open(Module *module, Kind kind);
void page_set(Module *module, unsigned address, uint32_t value);
uint32_t page_get(const Module *module, unsigned address);
void page_set_text(Module *module, unsigned address, const char *text);
void registers_reset(Device *device);
void registers_default(uint8_t *registers);
void registers_keep(uint8_t *to, const uint8_t *from);
void registers_follow_ring(Device *device);
uint32_t register_u32(const Device *device, unsigned address);
double register_f64(const Device *device, unsigned address);
void register_set_u32(Device *device, unsigned address, uint32_t value);
void register_set_u64(Device *device, unsigned address, uint64_t value);
void register_set_f64(Device *device, unsigned address, double value);
const char *register_text(const Device *device, unsigned address);
void registers_show_part(Device *device, const PartTag *part);
GC_ERROR registers_read(Device *device, uint64_t address, void *data, size_t size);
GC_ERROR registers_write(Device *device, uint64_t address, const void *data, size_t size);

/* settings.c: what features mean to each other, and what writing one does */
GC_ERROR setting_check(Device *device, uint64_t address, uint32_t value);
GC_ERROR setting_act(Device *device, uint64_t address, uint32_t lines_before);
void sensor_size(const Device *device, uint32_t *width, uint32_t *height);
void sensor_follow(Device *device);
View view_of(const Device *device);

/* payload.c: what a buffer holds besides the picture */
size_t payload_size(const Device *device);
void payload_describe(Device *device, Buffer *buffer);
void payload_finish(Buffer *buffer);
GC_ERROR payload_chunks(Device *device, void *handle, SINGLE_CHUNK_DATA *chunks, size_t *count);
GC_ERROR payload_parts(Device *device, void *handle, uint32_t *count);
GC_ERROR payload_part_info(Device *device, void *handle, uint32_t part, int command, int32_t *type,
                           void *out, size_t *size);

/* triggers.c */
int trigger_on(const Device *device, unsigned selector);
int trigger_waits_for_line(const Device *device);
void trigger_come(Device *device, unsigned selector);
GC_ERROR trigger_software(Device *device, unsigned selector);
void triggers_follow_lines(Device *device, uint32_t before, uint32_t after);
int trigger_ready(Device *device, unsigned selector, uint64_t now, uint64_t *until);
void trigger_answered(Device *device, unsigned selector);
void triggers_reset(Device *device);

/* lines.c: digital inputs and outputs */
uint32_t lines_status(const Device *device);
void line_drive(Device *device, unsigned line, int high);
void lines_changed(Device *device, uint32_t before);
void lines_open(Device *device);
void lines_poll(Device *device, uint64_t now, uint64_t *until);

/* brightness.c: ExposureAuto and GainAuto */
int auto_on(const Device *device);
void auto_adjust(Device *device, double mean);

/* device.c: life of a camera */
void device_init(Device *device, int index);
void device_free(Device *device);
GC_ERROR device_open(Device *device);
void device_close(Device *device);
int device_unplugged(const Device *device);
void device_lose(Device *device);
void device_vanish(Device *device, double seconds);
int device_access(Device *device);

/* acquisition.c: exposures and frames; the thread takes the lock by itself */
void acquisition_thread(void *device);
void acquisition_start(Device *device);
void acquisition_stop(Device *device);

/* stream.c: buffers and their queues */
GC_ERROR stream_open(Device *device);
void stream_close(Device *device);
Buffer *queue_take(Queue *queue);
void queue_add(Queue *queue, Buffer *buffer);
void stream_deliver(Device *device, Buffer *buffer);
Buffer *stream_announced(Device *device, void *handle);
GC_ERROR stream_announce(Device *device, void *data, size_t size, void *user, void **out);
GC_ERROR stream_revoke(Device *device, void *handle, void **data, void **user);
GC_ERROR stream_queue(Device *device, void *handle);
GC_ERROR stream_flush(Device *device, int operation);
GC_ERROR stream_start(Device *device, uint64_t frames);
GC_ERROR stream_stop(Device *device);
GC_ERROR stream_info(Device *device, int command, int32_t *type, void *out, size_t *size);
GC_ERROR stream_buffer(Device *device, uint32_t index, void **out);
GC_ERROR buffer_info(Device *device, void *handle, int command, int32_t *type, void *out,
                     size_t *size);

/* events.c */
GC_ERROR event_register(Module *module, int type, void **out);
GC_ERROR event_unregister(Module *module, int type);
void events_free(Module *module);
void event_post(Module *module, int type, uint64_t id);
void event_frame(Module *stream);
GC_ERROR event_wait(void *handle, void *out, size_t *size, uint64_t timeout_ms);
GC_ERROR event_data_info(void *handle, const void *data, size_t data_size, int command,
                         int32_t *type, void *out, size_t *size);
GC_ERROR event_info(void *handle, int command, int32_t *type, void *out, size_t *size);
GC_ERROR event_flush(void *handle);
GC_ERROR event_kill(void *handle);

/* ports.c: access to the registers and XML of a module */
GC_ERROR port_access(Module *module, uint64_t address, void *data, size_t *size, int write);
GC_ERROR port_stacked(Module *module, PORT_REGISTER_STACK_ENTRY *entries, size_t *count, int write);
GC_ERROR port_url(Module *module, uint32_t index, int command, int32_t *type, void *out,
                  size_t *size);
GC_ERROR port_info(Module *module, int command, int32_t *type, void *out, size_t *size);

/* handles.c: a handle is the address of the object, accepted only while the object is open */
Module *system_of(void *handle);
Module *interface_of(void *handle);
Device *local_of(void *handle);
Device *remote_of(void *handle);
Device *stream_of(void *handle);
Module *module_of(void *handle);
Event *event_of(void *handle);
Device *device_by_id(const char *id);
Device *device_present(uint32_t index);
