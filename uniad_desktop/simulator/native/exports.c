/* The GenTL functions that a host calls. Each takes the lock, does its work and gives it back.
 *
 * All functions of GenTL 1.5 are here, and those of 1.6 as well, because hosts look for them:
 * the genicam package crashes when it calls one that is missing. */
#include "simcam.h"

#include <stdlib.h>
#include <string.h>

#define UNUSED(argument) (void)(argument)

#ifndef SOURCE_HASH
#define SOURCE_HASH "unknown"
#endif

/* Tells which sources a compiled producer was made from, and that it is the simulated one. */
__attribute__((used)) static const char source_mark[] = "uniad-simcam-sources:" SOURCE_HASH;

Library library = {.lock = LOCK_INITIAL};

#define LOCKED(call)                                                                               \
    do {                                                                                           \
        GC_ERROR result;                                                                           \
        lock_take(&library.lock);                                                                  \
        result = library.initialized ? (call)                                                      \
                                     : fail(GC_ERR_NOT_INITIALIZED, "GCInitLib was not called");   \
        lock_give(&library.lock);                                                                  \
        return result;                                                                             \
    } while (0)

#define BAD_HANDLE fail(GC_ERR_INVALID_HANDLE, "%s: not an open module", __func__)
#define NOT_HERE fail(GC_ERR_NOT_IMPLEMENTED, "%s is not implemented", __func__)

/* ---- library ---- */

static int devices_wanted(void) {
    char text[16];
    int count;
    if (!environment("UNIAD_SIMCAM_DEVICES", text, sizeof text)) return 1;
    count = atoi(text);
    return count < 0 ? 0 : count > MAX_DEVICES ? MAX_DEVICES : count;
}

static void library_open(void) {
    int i;
    own_path(library.path, sizeof library.path);
    environment("UNIAD_SIMCAM_FOLDER", library.folder, sizeof library.folder);
    module_open(&library.system, SYSTEM_MODULE);
    page_set_text(&library.system, PAGE_TLID, SIMCAM_MODEL);
    page_set_text(&library.system, PAGE_TLVendorName, SIMCAM_VENDOR);
    page_set_text(&library.system, PAGE_TLModelName, SIMCAM_MODEL);
    module_open(&library.interface, INTERFACE_MODULE);
    page_set_text(&library.interface, PAGE_InterfaceID, INTERFACE_ID);
    library.device_count = devices_wanted();
    for (i = 0; i < library.device_count; i++) device_init(&library.devices[i], i);
    library.initialized = 1;
}

GC_API GCInitLib(void) {
    GC_ERROR result = GC_ERR_SUCCESS;
    lock_take(&library.lock);
    if (library.initialized)
        result = fail(GC_ERR_RESOURCE_IN_USE, "GCInitLib was called already");
    else
        library_open();
    lock_give(&library.lock);
    return result;
}

static GC_ERROR library_close(void) {
    int i;
    for (i = 0; i < library.device_count; i++) device_free(&library.devices[i]);
    events_free(&library.system);
    events_free(&library.interface);
    library.device_count = 0;
    library.system_opened = library.interface_opened = library.initialized = 0;
    return GC_ERR_SUCCESS;
}

GC_API GCCloseLib(void) { LOCKED(library_close()); }

GC_API GCGetLastError(int32_t *code, char *text, size_t *size) {
    return last_error(code, text, size);
}

static GC_ERROR system_info(int command, int32_t *type, void *out, size_t *size) {
    const char *slash = strrchr(library.path, '/'), *backslash = strrchr(library.path, '\\');
    const char *last = slash > backslash ? slash : backslash;
    switch (command) {
    case TL_INFO_ID:
    case TL_INFO_MODEL: return give_text(SIMCAM_MODEL, type, out, size);
    case TL_INFO_VENDOR: return give_text(SIMCAM_VENDOR, type, out, size);
    case TL_INFO_VERSION: return give_text(SIMCAM_VERSION, type, out, size);
    case TL_INFO_TLTYPE: return give_text(SIMCAM_TLTYPE, type, out, size);
    case TL_INFO_NAME: return give_text(last ? last + 1 : library.path, type, out, size);
    case TL_INFO_PATHNAME: return give_text(library.path, type, out, size);
    case TL_INFO_DISPLAYNAME: return give_text("UniAD simulated cameras", type, out, size);
    case TL_INFO_CHAR_ENCODING: return give_i32(TL_CHAR_ENCODING_UTF8, type, out, size);
    case TL_INFO_GENTL_VER_MAJOR: return give_u32(1, type, out, size);
    case TL_INFO_GENTL_VER_MINOR: return give_u32(5, type, out, size);
    }
    return fail(GC_ERR_INVALID_PARAMETER, "no system information %d", command);
}

GC_API GCGetInfo(int32_t command, int32_t *type, void *out, size_t *size) {
    LOCKED(system_info(command, type, out, size));
}

/* ---- ports ---- */

GC_API GCReadPort(void *port, uint64_t address, void *data, size_t *size) {
    LOCKED(port_access(module_of(port), address, data, size, 0));
}

GC_API GCWritePort(void *port, uint64_t address, const void *data, size_t *size) {
    LOCKED(port_access(module_of(port), address, (void *)data, size, 1));
}

GC_API GCReadPortStacked(void *port, PORT_REGISTER_STACK_ENTRY *entries, size_t *count) {
    LOCKED(port_stacked(module_of(port), entries, count, 0));
}

GC_API GCWritePortStacked(void *port, PORT_REGISTER_STACK_ENTRY *entries, size_t *count) {
    LOCKED(port_stacked(module_of(port), entries, count, 1));
}

static GC_ERROR one(Module *module, uint32_t *count) {
    CHECK(module && count, GC_ERR_INVALID_HANDLE, "not an open module");
    *count = 1;
    return GC_ERR_SUCCESS;
}

GC_API GCGetNumPortURLs(void *port, uint32_t *count) { LOCKED(one(module_of(port), count)); }

GC_API GCGetPortURLInfo(void *port, uint32_t index, int32_t command, int32_t *type, void *out,
                        size_t *size) {
    LOCKED(port_url(module_of(port), index, command, type, out, size));
}

GC_API GCGetPortURL(void *port, char *url, size_t *size) {
    LOCKED(port_url(module_of(port), 0, URL_INFO_URL, NULL, url, size));
}

GC_API GCGetPortInfo(void *port, int32_t command, int32_t *type, void *out, size_t *size) {
    LOCKED(port_info(module_of(port), command, type, out, size));
}

/* ---- events ---- */

GC_API GCRegisterEvent(void *module, int32_t type, void **event) {
    LOCKED(event_register(module_of(module), type, event));
}

GC_API GCUnregisterEvent(void *module, int32_t type) {
    LOCKED(event_unregister(module_of(module), type));
}

GC_API EventGetData(void *event, void *out, size_t *size, uint64_t timeout_ms) {
    LOCKED(event_wait(event, out, size, timeout_ms));
}

GC_API EventGetDataInfo(void *event, const void *data, size_t data_size, int32_t command,
                        int32_t *type, void *out, size_t *size) {
    LOCKED(event_data_info(event, data, data_size, command, type, out, size));
}

GC_API EventGetInfo(void *event, int32_t command, int32_t *type, void *out, size_t *size) {
    LOCKED(event_info(event, command, type, out, size));
}

GC_API EventFlush(void *event) { LOCKED(event_flush(event)); }
GC_API EventKill(void *event) { LOCKED(event_kill(event)); }

/* ---- system ---- */

static GC_ERROR system_open(void **out) {
    CHECK(out, GC_ERR_INVALID_PARAMETER, "NULL pointer");
    CHECK(!library.system_opened, GC_ERR_RESOURCE_IN_USE, "the system is open");
    library.system_opened = 1;
    *out = &library.system;
    return GC_ERR_SUCCESS;
}

static GC_ERROR interface_close(void) {
    int i;
    for (i = 0; i < library.device_count; i++)
        if (library.devices[i].opened) device_close(&library.devices[i]);
    events_free(&library.interface);
    library.interface_opened = 0;
    return GC_ERR_SUCCESS;
}

static GC_ERROR system_close(void) {
    if (library.interface_opened) interface_close();
    events_free(&library.system);
    library.system_opened = 0;
    return GC_ERR_SUCCESS;
}

static GC_ERROR list_update(Module *module, bool8_t *changed, int value) {
    CHECK(module, GC_ERR_INVALID_HANDLE, "not an open module");
    if (changed) *changed = (bool8_t)value;
    return GC_ERR_SUCCESS;
}

static GC_ERROR interface_info(int command, int32_t *type, void *out, size_t *size) {
    switch (command) {
    case INTERFACE_INFO_ID: return give_text(INTERFACE_ID, type, out, size);
    case INTERFACE_INFO_DISPLAYNAME: return give_text("UniAD simulated cameras", type, out, size);
    case INTERFACE_INFO_TLTYPE: return give_text(SIMCAM_TLTYPE, type, out, size);
    }
    return fail(GC_ERR_INVALID_PARAMETER, "no interface information %d", command);
}

static int interface_named(const char *id) { return id && !strcmp(id, INTERFACE_ID); }

static GC_ERROR interface_open(const char *id, void **out) {
    CHECK(out, GC_ERR_INVALID_PARAMETER, "NULL pointer");
    CHECK(interface_named(id), GC_ERR_INVALID_ID, "no interface '%s'", id ? id : "");
    CHECK(!library.interface_opened, GC_ERR_RESOURCE_IN_USE, "the interface is open");
    library.interface_opened = 1;
    *out = &library.interface;
    return GC_ERR_SUCCESS;
}

GC_API TLOpen(void **system) { LOCKED(system_open(system)); }
GC_API TLClose(void *system) { LOCKED(system_of(system) ? system_close() : BAD_HANDLE); }

GC_API TLGetInfo(void *system, int32_t command, int32_t *type, void *out, size_t *size) {
    LOCKED(system_of(system) ? system_info(command, type, out, size) : BAD_HANDLE);
}

GC_API TLGetNumInterfaces(void *system, uint32_t *count) { LOCKED(one(system_of(system), count)); }

GC_API TLUpdateInterfaceList(void *system, bool8_t *changed, uint64_t timeout_ms) {
    UNUSED(timeout_ms);
    LOCKED(list_update(system_of(system), changed, 0));
}

GC_API TLGetInterfaceID(void *system, uint32_t index, char *id, size_t *size) {
    LOCKED(!system_of(system) ? BAD_HANDLE
           : index            ? fail(GC_ERR_INVALID_INDEX, "no interface %u", index)
                              : give_text(INTERFACE_ID, NULL, id, size));
}

GC_API TLGetInterfaceInfo(void *system, const char *id, int32_t command, int32_t *type, void *out,
                          size_t *size) {
    LOCKED(!system_of(system)    ? BAD_HANDLE
           : interface_named(id) ? interface_info(command, type, out, size)
                                 : fail(GC_ERR_INVALID_ID, "no interface '%s'", id ? id : ""));
}

GC_API TLOpenInterface(void *system, const char *id, void **interface) {
    LOCKED(system_of(system) ? interface_open(id, interface) : BAD_HANDLE);
}

/* ---- interface ---- */

static GC_ERROR count_devices(uint32_t *count) {
    CHECK(count, GC_ERR_INVALID_PARAMETER, "NULL pointer");
    *count = 0;
    while (device_present(*count)) ++*count;
    return GC_ERR_SUCCESS;
}

static GC_ERROR device_id(uint32_t index, char *id, size_t *size) {
    Device *d = device_present(index);
    CHECK(d, GC_ERR_INVALID_INDEX, "no camera %u", index);
    return give_text(d->id, NULL, id, size);
}

static GC_ERROR device_info(Device *d, int command, int32_t *type, void *out, size_t *size) {
    char name[TEXT_BYTES + 32] = "UniAD SimCam (simulated) ";
    CHECK(d, GC_ERR_INVALID_ID, "no such camera");
    switch (command) {
    case DEVICE_INFO_ID: return give_text(d->id, type, out, size);
    case DEVICE_INFO_VENDOR: return give_text(SIMCAM_VENDOR, type, out, size);
    case DEVICE_INFO_MODEL: return give_text(SIMCAM_MODEL, type, out, size);
    case DEVICE_INFO_TLTYPE: return give_text(SIMCAM_TLTYPE, type, out, size);
    case DEVICE_INFO_DISPLAYNAME: return give_text(strcat(name, d->serial), type, out, size);
    case DEVICE_INFO_ACCESS_STATUS: return give_i32(device_access(d), type, out, size);
    case DEVICE_INFO_USER_DEFINED_NAME:
        return give_text(register_text(d, REG_DeviceUserID), type, out, size);
    case DEVICE_INFO_SERIAL_NUMBER: return give_text(d->serial, type, out, size);
    case DEVICE_INFO_VERSION: return give_text(SIMCAM_VERSION, type, out, size);
    case DEVICE_INFO_TIMESTAMP_FREQUENCY: return give_u64(NS_PER_S, type, out, size);
    }
    return fail(GC_ERR_INVALID_PARAMETER, "no device information %d", command);
}

static GC_ERROR open_device(const char *id, void **out) {
    Device *d = device_by_id(id);
    GC_ERROR result;
    CHECK(out, GC_ERR_INVALID_PARAMETER, "NULL pointer");
    CHECK(d, GC_ERR_INVALID_ID, "no camera '%s'", id ? id : "");
    result = device_open(d);
    if (!result) *out = &d->local;
    return result;
}

static GC_ERROR parent(int open, Module *module, void **out) {
    CHECK(open && out, GC_ERR_INVALID_HANDLE, "not an open module");
    *out = module;
    return GC_ERR_SUCCESS;
}

GC_API IFClose(void *interface) {
    LOCKED(interface_of(interface) ? interface_close() : BAD_HANDLE);
}

GC_API IFGetInfo(void *interface, int32_t command, int32_t *type, void *out, size_t *size) {
    LOCKED(interface_of(interface) ? interface_info(command, type, out, size) : BAD_HANDLE);
}

GC_API IFGetParentTL(void *interface, void **system) {
    LOCKED(parent(interface_of(interface) != NULL, &library.system, system));
}

GC_API IFGetNumDevices(void *interface, uint32_t *count) {
    LOCKED(interface_of(interface) ? count_devices(count) : BAD_HANDLE);
}

GC_API IFUpdateDeviceList(void *interface, bool8_t *changed, uint64_t timeout_ms) {
    UNUSED(timeout_ms);
    LOCKED(list_update(interface_of(interface), changed, 1));
}

GC_API IFGetDeviceID(void *interface, uint32_t index, char *id, size_t *size) {
    LOCKED(interface_of(interface) ? device_id(index, id, size) : BAD_HANDLE);
}

GC_API IFGetDeviceInfo(void *interface, const char *id, int32_t command, int32_t *type, void *out,
                       size_t *size) {
    LOCKED(interface_of(interface) ? device_info(device_by_id(id), command, type, out, size)
                                   : BAD_HANDLE);
}

GC_API IFOpenDevice(void *interface, const char *id, int32_t flags, void **device) {
    UNUSED(flags); /* every access is exclusive */
    LOCKED(interface_of(interface) ? open_device(id, device) : BAD_HANDLE);
}

/* ---- device ---- */

static GC_ERROR close_device(Device *d) {
    CHECK(d, GC_ERR_INVALID_HANDLE, "not an open camera");
    device_close(d);
    return GC_ERR_SUCCESS;
}

static GC_ERROR open_stream(Device *d, const char *id, void **out) {
    GC_ERROR result;
    CHECK(d && out, GC_ERR_INVALID_HANDLE, "not an open camera");
    CHECK(id && !strcmp(id, STREAM_ID), GC_ERR_INVALID_ID, "no data stream '%s'", id ? id : "");
    result = stream_open(d);
    if (!result) *out = &d->stream;
    return result;
}

static GC_ERROR remote_port(Device *d, void **out) {
    CHECK(d && out, GC_ERR_INVALID_HANDLE, "not an open camera");
    *out = &d->remote;
    return GC_ERR_SUCCESS;
}

GC_API DevClose(void *device) { LOCKED(close_device(local_of(device))); }
GC_API DevGetPort(void *device, void **port) { LOCKED(remote_port(local_of(device), port)); }

GC_API DevGetParentIF(void *device, void **interface) {
    LOCKED(parent(local_of(device) != NULL, &library.interface, interface));
}

GC_API DevGetInfo(void *device, int32_t command, int32_t *type, void *out, size_t *size) {
    LOCKED(local_of(device) ? device_info(local_of(device), command, type, out, size) : BAD_HANDLE);
}

GC_API DevGetNumDataStreams(void *device, uint32_t *count) {
    LOCKED(local_of(device) ? one(device, count) : BAD_HANDLE);
}

GC_API DevGetDataStreamID(void *device, uint32_t index, char *id, size_t *size) {
    LOCKED(!local_of(device) ? BAD_HANDLE
           : index           ? fail(GC_ERR_INVALID_INDEX, "no data stream %u", index)
                             : give_text(STREAM_ID, NULL, id, size));
}

GC_API DevOpenDataStream(void *device, const char *id, void **stream) {
    LOCKED(open_stream(local_of(device), id, stream));
}
