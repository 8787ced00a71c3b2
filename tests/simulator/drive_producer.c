/* Drives the producer through its C interface, for a run under the sanitizers.
 *
 * Usage: drive_producer [abrupt]; "abrupt" closes the library while a camera still streams. */
#include "simcam.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES 6
#define BUFFERS 3
#define FRAME_WAIT_MS 20000

GC_ERROR GCInitLib(void);
GC_ERROR GCCloseLib(void);
GC_ERROR GCGetLastError(int32_t *, char *, size_t *);
GC_ERROR GCReadPort(void *, uint64_t, void *, size_t *);
GC_ERROR GCWritePort(void *, uint64_t, const void *, size_t *);
GC_ERROR GCGetPortURLInfo(void *, uint32_t, int32_t, int32_t *, void *, size_t *);
GC_ERROR GCRegisterEvent(void *, int32_t, void **);
GC_ERROR GCUnregisterEvent(void *, int32_t);
GC_ERROR EventGetData(void *, void *, size_t *, uint64_t);
GC_ERROR TLOpen(void **);
GC_ERROR TLClose(void *);
GC_ERROR TLOpenInterface(void *, const char *, void **);
GC_ERROR IFClose(void *);
GC_ERROR IFGetNumDevices(void *, uint32_t *);
GC_ERROR IFGetDeviceID(void *, uint32_t, char *, size_t *);
GC_ERROR IFOpenDevice(void *, const char *, int32_t, void **);
GC_ERROR DevClose(void *);
GC_ERROR DevGetPort(void *, void **);
GC_ERROR DevOpenDataStream(void *, const char *, void **);
GC_ERROR DSAnnounceBuffer(void *, void *, size_t, void *, void **);
GC_ERROR DSAllocAndAnnounceBuffer(void *, size_t, void *, void **);
GC_ERROR DSRevokeBuffer(void *, void *, void **, void **);
GC_ERROR DSQueueBuffer(void *, void *);
GC_ERROR DSFlushQueue(void *, int32_t);
GC_ERROR DSStartAcquisition(void *, int32_t, uint64_t);
GC_ERROR DSStopAcquisition(void *, int32_t);
GC_ERROR DSClose(void *);
GC_ERROR DSGetBufferChunkData(void *, void *, SINGLE_CHUNK_DATA *, size_t *);
GC_ERROR DSGetNumBufferParts(void *, void *, uint32_t *);
GC_ERROR DSGetBufferPartInfo(void *, void *, uint32_t, int32_t, int32_t *, void *, size_t *);
GC_ERROR DSGetBufferInfo(void *, void *, int32_t, int32_t *, void *, size_t *);

static void expect(GC_ERROR wanted, GC_ERROR got, const char *what) {
    char text[256] = "";
    size_t size = sizeof text;
    if (wanted == got) return;
    GCGetLastError(NULL, text, &size);
    fprintf(stderr, "%s: %d instead of %d (%s)\n", what, got, wanted, text);
    exit(2);
}
#define OK(call) expect(GC_ERR_SUCCESS, call, #call)
#define FAILS(code, call) expect(code, call, #call)

static void write_u32(void *port, unsigned address, uint32_t value) {
    size_t size = sizeof value;
    OK(GCWritePort(port, address, &value, &size));
}

static void write_f64(void *port, unsigned address, double value) {
    size_t size = sizeof value;
    OK(GCWritePort(port, address, &value, &size));
}

static uint32_t read_u32(void *port, unsigned address) {
    uint32_t value = 0;
    size_t size = sizeof value;
    OK(GCReadPort(port, address, &value, &size));
    return value;
}

/* Writes that the camera must refuse. */
static void misbehave(void *port) {
    double nan_rate = 0.0 / 0.0, rate = 1000.0;
    uint32_t number = 7;
    char byte = 1;
    size_t size = sizeof rate;
    FAILS(GC_ERR_INVALID_VALUE, GCWritePort(port, REG_AcquisitionFrameRate, &rate, &size));
    FAILS(GC_ERR_INVALID_VALUE, GCWritePort(port, REG_SimDefectRate, &nan_rate, &size));
    size = sizeof number;
    FAILS(GC_ERR_INVALID_VALUE, GCWritePort(port, REG_SimProduct, &number, &size));
    FAILS(GC_ERR_INVALID_VALUE, GCWritePort(port, REG_PixelFormat, &number, &size));
    FAILS(GC_ERR_ACCESS_DENIED, GCWritePort(port, REG_PayloadSize, &number, &size));
    FAILS(GC_ERR_INVALID_ADDRESS, GCWritePort(port, REG_END, &number, &size));
    FAILS(GC_ERR_INVALID_ADDRESS, GCReadPort(port, 0xFFFFFFFFFFFFFFF0u, &number, &size));
    size = 1;
    FAILS(GC_ERR_INVALID_PARAMETER, GCWritePort(port, REG_SimProduct, &byte, &size));
}

static void read_description(void *port) {
    uint64_t bytes = 0;
    size_t size = sizeof bytes;
    char *xml;
    OK(GCGetPortURLInfo(port, 0, URL_INFO_FILE_SIZE, NULL, &bytes, &size));
    xml = malloc((size_t)bytes);
    size = (size_t)bytes;
    OK(GCReadPort(port, XML_ADDRESS, xml, &size));
    if (!xml || memcmp(xml, "<?xml", 5)) expect(0, -1, "XML");
    free(xml);
}

/* Every byte that a frame announces is there to be read. */
static void read_all(const uint8_t *data, size_t size) {
    static volatile uint8_t seen;
    size_t i;
    for (i = 0; i < size; i++) seen ^= data[i];
}

static void look_at_chunks(void *stream, void *buffer, size_t filled) {
    SINGLE_CHUNK_DATA chunks[CHUNK_COUNT];
    size_t count = 0, i;
    OK(DSGetBufferChunkData(stream, buffer, NULL, &count));
    if (count != CHUNK_COUNT) expect(CHUNK_COUNT, (GC_ERROR)count, "number of chunks");
    count = 1;
    FAILS(GC_ERR_BUFFER_TOO_SMALL, DSGetBufferChunkData(stream, buffer, chunks, &count));
    count = CHUNK_COUNT;
    OK(DSGetBufferChunkData(stream, buffer, chunks, &count));
    for (i = 0; i < count; i++)
        if ((size_t)chunks[i].offset + chunks[i].length > filled) expect(0, -1, "place of a chunk");
}

static void look_at_parts(void *stream, void *buffer) {
    static const size_t wanted[] = {PART_DATATYPE_2D_IMAGE, PART_DATATYPE_CONFIDENCE_MAP};
    uint32_t parts = 0, part;
    OK(DSGetNumBufferParts(stream, buffer, &parts));
    if (parts != 2) expect(2, (GC_ERROR)parts, "number of parts");
    for (part = 0; part < parts; part++) {
        size_t value = 0, size = sizeof value;
        uint8_t *data = NULL;
        OK(DSGetBufferPartInfo(stream, buffer, part, BUFFER_PART_INFO_DATA_TYPE, NULL, &value,
                               &size));
        if (value != wanted[part]) expect((GC_ERROR)wanted[part], (GC_ERROR)value, "type of part");
        OK(DSGetBufferPartInfo(stream, buffer, part, BUFFER_PART_INFO_DATA_SIZE, NULL, &value,
                               &size));
        OK(DSGetBufferPartInfo(stream, buffer, part, BUFFER_PART_INFO_BASE, NULL, &data, &size));
        read_all(data, value);
    }
    FAILS(GC_ERR_INVALID_INDEX,
          DSGetBufferPartInfo(stream, buffer, 2, BUFFER_PART_INFO_WIDTH, NULL, NULL, NULL));
}

/* One frame of every kind: each format, sensor, test pattern and payload. */
static void try_everything(void *port, void *stream, uint32_t format, uint32_t pattern) {
    void *buffer, *event;
    S_EVENT_NEW_BUFFER frame;
    size_t size = sizeof frame, filled = 0, field = sizeof filled;
    uint8_t *data = NULL;
    unsigned chunk;
    write_u32(port, REG_PixelFormat, format);
    write_u32(port, REG_TestPattern, pattern);
    write_u32(port, REG_SimPaddingX, format % 7);
    write_u32(port, REG_SimMultiPart, 1);
    write_u32(port, REG_ChunkModeActive, 1);
    for (chunk = 0; chunk < CHUNK_COUNT; chunk++)
        write_u32(port, REG_ChunkEnable + chunk * STRIDE_ChunkEnable, 1);
    OK(DSAllocAndAnnounceBuffer(stream, read_u32(port, REG_PayloadSize), NULL, &buffer));
    OK(DSQueueBuffer(stream, buffer));
    OK(GCRegisterEvent(stream, EVENT_NEW_BUFFER, &event));
    OK(DSStartAcquisition(stream, 0, GENTL_INFINITE));
    write_u32(port, REG_AcquisitionStart, 1);
    OK(EventGetData(event, &frame, &size, FRAME_WAIT_MS));
    OK(DSGetBufferInfo(stream, buffer, BUFFER_INFO_SIZE_FILLED, NULL, &filled, &field));
    OK(DSGetBufferInfo(stream, buffer, BUFFER_INFO_BASE, NULL, &data, &field));
    if (filled != read_u32(port, REG_PayloadSize)) expect(0, -1, "size of a frame");
    read_all(data, filled);
    look_at_chunks(stream, buffer, filled);
    look_at_parts(stream, buffer);
    write_u32(port, REG_AcquisitionStop, 1);
    OK(DSStopAcquisition(stream, 0));
    OK(DSFlushQueue(stream, ACQ_QUEUE_ALL_DISCARD));
    OK(GCUnregisterEvent(stream, EVENT_NEW_BUFFER));
    OK(DSRevokeBuffer(stream, buffer, NULL, NULL));
}

static void try_every_picture(void *port, void *stream) {
    static const uint32_t formats[] = {PixelFormat_Mono8,         PixelFormat_Mono10p,
                                       PixelFormat_Mono12Packed,  PixelFormat_BayerGB12,
                                       PixelFormat_BayerRG10p,    PixelFormat_BayerBG12Packed,
                                       PixelFormat_YUV422_8_UYVY, PixelFormat_BGR8};
    uint32_t i, width = read_u32(port, REG_Width);
    write_u32(port, REG_UserSetSelector, UserSetSelector_UserSet0);
    write_u32(port, REG_UserSetSave, 1);
    write_u32(port, REG_ExposureAuto, ExposureAuto_Continuous);
    write_u32(port, REG_GainAuto, GainAuto_Once);
    for (i = 0; i < sizeof formats / sizeof *formats; i++) {
        write_u32(port, REG_Width, width - 4 * i);
        try_everything(port, stream, formats[i], TestPattern_Off);
    }
    for (i = 0; i <= TestPattern_FrameCounter; i++) try_everything(port, stream, formats[i % 8], i);
    write_u32(port, REG_SimSensor, SimSensor_FiveMegapixel);
    try_everything(port, stream, PixelFormat_RGB8, TestPattern_Off);
    write_u32(port, REG_UserSetLoad, 1);
    if (read_u32(port, REG_Width) != width) expect(0, -1, "Width of the user set");
}

static void take_frames(void *stream, void *event, int count) {
    while (count--) {
        S_EVENT_NEW_BUFFER frame;
        size_t size = sizeof frame, filled = 0, field = sizeof filled;
        uint8_t *data = NULL;
        OK(EventGetData(event, &frame, &size, FRAME_WAIT_MS));
        OK(DSGetBufferInfo(stream, frame.buffer, BUFFER_INFO_SIZE_FILLED, NULL, &filled, &field));
        OK(DSGetBufferInfo(stream, frame.buffer, BUFFER_INFO_BASE, NULL, &data, &field));
        if (!filled || !data[0]) fprintf(stderr, "a dark frame\n");
        OK(DSQueueBuffer(stream, frame.buffer));
    }
}

static void stream_once(void *port, void *stream, int triggered) {
    void *buffers[BUFFERS], *event, *memory;
    size_t payload = read_u32(port, REG_PayloadSize);
    int i;
    memory = malloc(payload);
    OK(DSAnnounceBuffer(stream, memory, payload, NULL, &buffers[0]));
    for (i = 1; i < BUFFERS; i++) OK(DSAllocAndAnnounceBuffer(stream, payload, NULL, &buffers[i]));
    OK(DSFlushQueue(stream, ACQ_QUEUE_ALL_TO_INPUT));
    OK(GCRegisterEvent(stream, EVENT_NEW_BUFFER, &event));
    write_u32(port, REG_TriggerMode, (uint32_t)triggered);
    write_u32(port, REG_TLParamsLocked, 1);
    OK(DSStartAcquisition(stream, 0, GENTL_INFINITE));
    write_u32(port, REG_AcquisitionStart, 1);
    for (i = 0; i < FRAMES; i++) {
        if (triggered) write_u32(port, REG_TriggerSoftware, 1);
        if (i == FRAMES / 2) write_u32(port, REG_SimProduct, 2);
        take_frames(stream, event, 1);
    }
    write_u32(port, REG_AcquisitionStop, 1);
    OK(DSStopAcquisition(stream, 0));
    write_u32(port, REG_TLParamsLocked, 0);
    OK(DSFlushQueue(stream, ACQ_QUEUE_ALL_DISCARD));
    OK(GCUnregisterEvent(stream, EVENT_NEW_BUFFER));
    for (i = 0; i < BUFFERS; i++) OK(DSRevokeBuffer(stream, buffers[i], NULL, NULL));
    free(memory);
}

static void leave_streaming(void *port, void *stream) {
    void *buffer, *event;
    OK(DSAllocAndAnnounceBuffer(stream, read_u32(port, REG_PayloadSize), NULL, &buffer));
    OK(DSQueueBuffer(stream, buffer));
    OK(GCRegisterEvent(stream, EVENT_NEW_BUFFER, &event));
    OK(DSStartAcquisition(stream, 0, GENTL_INFINITE));
    write_u32(port, REG_AcquisitionStart, 1);
    take_frames(stream, event, 2);
}

int main(int count, char **arguments) {
    int abrupt = count > 1 && !strcmp(arguments[1], "abrupt");
    void *system, *interface, *device, *port, *stream;
    uint32_t devices = 0;
    char id[TEXT_BYTES];
    size_t size = sizeof id;
    FAILS(GC_ERR_NOT_INITIALIZED, TLOpen(&system));
    OK(GCInitLib());
    FAILS(GC_ERR_RESOURCE_IN_USE, GCInitLib());
    OK(TLOpen(&system));
    OK(TLOpenInterface(system, INTERFACE_ID, &interface));
    OK(IFGetNumDevices(interface, &devices));
    if (devices != 1) expect(1, (GC_ERROR)devices, "number of cameras");
    OK(IFGetDeviceID(interface, 0, id, &size));
    OK(IFOpenDevice(interface, id, 0, &device));
    OK(DevGetPort(device, &port));
    OK(DevOpenDataStream(device, STREAM_ID, &stream));
    read_description(port);
    misbehave(port);
    write_f64(port, REG_AcquisitionFrameRate, 100.0);
    write_f64(port, REG_Gain, 6.0);
    stream_once(port, stream, 0);
    stream_once(port, stream, 1);
    write_u32(port, REG_TriggerMode, 0);
    try_every_picture(port, stream);
    if (abrupt) {
        leave_streaming(port, stream);
    } else {
        OK(DSClose(stream));
        OK(DevClose(device));
        FAILS(GC_ERR_INVALID_HANDLE, DevClose(device));
        OK(IFClose(interface));
        OK(TLClose(system));
    }
    OK(GCCloseLib());
    puts("done");
    return 0;
}
