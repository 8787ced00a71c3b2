/* The camera's features: registers, what reading computes and what writing does. */
#define WITH_TABLES
#include "simcam.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TEMPERATURE_MEAN_C 40.0
#define TEMPERATURE_SWING_C 2.0
#define TEMPERATURE_SLOWNESS_NS 30e9

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

void module_open(Module *module, Kind kind) {
    static const struct {
        const char *port;
        const unsigned char *xml;
        size_t size;
    } kinds[] = {
        {"TLPort", xml_system, sizeof xml_system},
        {"InterfacePort", xml_interface, sizeof xml_interface},
        {"DevicePort", xml_device, sizeof xml_device},
        {"Device", xml_camera, sizeof xml_camera},
        {"StreamPort", xml_stream, sizeof xml_stream},
    };
    memset(module, 0, sizeof *module);
    module->kind = kind;
    module->port = kinds[kind].port;
    module->xml = kinds[kind].xml;
    module->xml_size = kinds[kind].size;
}

void page_set(Module *module, unsigned address, uint32_t value) {
    memcpy(module->page + address, &value, sizeof value);
}

uint32_t page_get(const Module *module, unsigned address) {
    uint32_t value;
    memcpy(&value, module->page + address, sizeof value);
    return value;
}

void page_set_text(Module *module, unsigned address, const char *text) {
    snprintf((char *)module->page + address, TEXT_BYTES, "%s", text);
}

uint32_t register_u32(const Device *d, unsigned address) {
    uint32_t value;
    memcpy(&value, d->registers + address, sizeof value);
    return value;
}

double register_f64(const Device *d, unsigned address) {
    double value;
    memcpy(&value, d->registers + address, sizeof value);
    return value;
}

const char *register_text(const Device *d, unsigned address) {
    return (const char *)d->registers + address;
}

void register_set_u32(Device *d, unsigned address, uint32_t value) {
    memcpy(d->registers + address, &value, sizeof value);
}

void register_set_u64(Device *d, unsigned address, uint64_t value) {
    memcpy(d->registers + address, &value, sizeof value);
}

void register_set_f64(Device *d, unsigned address, double value) {
    memcpy(d->registers + address, &value, sizeof value);
}

static void set_text(Device *d, unsigned address, const char *text) {
    memset(d->registers + address, 0, TEXT_BYTES);
    snprintf((char *)d->registers + address, TEXT_BYTES, "%s", text);
}

static void put(uint8_t *registers, unsigned address, char kind, double value) {
    uint32_t whole = (uint32_t)value;
    uint64_t large = (uint64_t)value;
    if (kind == 'F')
        memcpy(registers + address, &value, sizeof value);
    else if (kind == 'L')
        memcpy(registers + address, &large, sizeof large);
    else
        memcpy(registers + address, &whole, sizeof whole);
}

/* Settings after power-up: those of the user set Default. */
void registers_default(uint8_t *registers) {
    size_t i;
    memset(registers, 0, REG_END);
    for (i = 0; i < COUNT(register_defaults); i++)
        put(registers, register_defaults[i].address, register_defaults[i].kind,
            register_defaults[i].value);
}

/* Copies what a user set keeps. */
void registers_keep(uint8_t *to, const uint8_t *from) {
    size_t i;
    for (i = 0; i < COUNT(kept_registers); i++)
        memcpy(to + kept_registers[i].address, from + kept_registers[i].address,
               kept_registers[i].size);
}

/* State after power-up. */
void registers_reset(Device *d) {
    registers_default(d->registers);
    set_text(d, REG_DeviceVendorName, "UniAD");
    set_text(d, REG_DeviceModelName, SIMCAM_MODEL);
    set_text(d, REG_DeviceVersion, SIMCAM_VERSION);
    set_text(d, REG_DeviceSerialNumber, d->serial);
}

/* Takes over the settings of the simulated line, and the size of its pictures. */
void registers_follow_ring(Device *d) {
    const RingHeader *h = d->ring.header;
    if (!h) return;
    sensor_follow(d);
    register_set_u32(d, REG_SimProduct, h->product < PRODUCT_COUNT ? h->product : 0);
    register_set_f64(d, REG_SimDefectRate, h->defect_rate);
    register_set_f64(d, REG_SimLightingDrift, h->lighting_drift);
    register_set_u32(d, REG_SimSeed, h->seed);
    if (!d->opened_before && h->frame_rate > 0)
        register_set_f64(d, REG_AcquisitionFrameRate, h->frame_rate);
}

void registers_show_part(Device *d, const PartTag *part) {
    set_text(d, REG_SimPartProduct,
             part->product < PRODUCT_COUNT ? product_names[part->product] : "");
    set_text(d, REG_SimPartDefect, part->defect);
    register_set_u64(d, REG_SimPartSeed, part->seed);
}

static void lines_show(Device *d) {
    uint32_t status, line;
    uint64_t until = 0;
    lines_poll(d, clock_ns(), &until);
    status = lines_status(d);
    register_set_u64(d, REG_LineStatusAll, status);
    for (line = 0; line <= LineSelector_Line2; line++)
        register_set_u32(d, REG_LineStatus + line * STRIDE_LineStatus, status >> line & 1);
    register_set_u32(d, REG_SimLine0, d->levels & 1);
    register_set_u32(d, REG_SimLine1, d->levels >> 1 & 1);
}

GC_ERROR registers_read(Device *d, uint64_t address, void *data, size_t size) {
    CHECK(address < REG_END && size <= REG_END - address, GC_ERR_INVALID_ADDRESS,
          "no register at 0x%llx", (unsigned long long)address);
    register_set_u32(d, REG_PayloadSize, (uint32_t)payload_size(d));
    register_set_f64(d, REG_DeviceTemperature,
                     TEMPERATURE_MEAN_C +
                         TEMPERATURE_SWING_C * sin((double)clock_ns() / TEMPERATURE_SLOWNESS_NS));
    register_set_u64(d, REG_SimPartsShown,
                     d->ring.header ? d->ring.header->parts_shown : d->started);
    lines_show(d);
    memcpy(data, d->registers + address, size);
    return GC_ERR_SUCCESS;
}

static GC_ERROR check_limits(uint64_t address, const void *data, size_t size) {
    size_t i;
    for (i = 0; i < COUNT(register_limits); i++) {
        double value = 0;
        uint32_t whole = 0;
        if (address != register_limits[i].address) continue;
        CHECK(size == (register_limits[i].kind == 'F' ? sizeof value : sizeof whole),
              GC_ERR_INVALID_PARAMETER, "%s has another size", register_limits[i].name);
        if (register_limits[i].kind == 'F') {
            memcpy(&value, data, sizeof value);
        } else {
            memcpy(&whole, data, sizeof whole);
            value = whole;
        }
        /* written so that NaN fails too */
        CHECK(value >= register_limits[i].low && value <= register_limits[i].high,
              GC_ERR_INVALID_VALUE, "%s takes %g to %g", register_limits[i].name,
              register_limits[i].low, register_limits[i].high);
    }
    return GC_ERR_SUCCESS;
}

GC_ERROR registers_write(Device *d, uint64_t address, const void *data, size_t size) {
    uint32_t value = 0, lines = lines_status(d);
    GC_ERROR result;
    size_t i;
    CHECK(address < REG_END && size <= REG_END - address, GC_ERR_INVALID_ADDRESS,
          "no register at 0x%llx", (unsigned long long)address);
    for (i = 0; i < COUNT(read_only_registers); i++) {
        unsigned first = read_only_registers[i].address;
        CHECK(address + size <= first || address >= first + read_only_registers[i].size,
              GC_ERR_ACCESS_DENIED, "the register at 0x%x is read-only", first);
    }
    if (size >= sizeof value) memcpy(&value, data, sizeof value);
    result = check_limits(address, data, size);
    if (!result) result = setting_check(d, address, value);
    if (result) return result;
    memcpy(d->registers + address, data, size);
    if (address == REG_DeviceUserID) d->registers[REG_DeviceUserID + TEXT_BYTES - 1] = 0;
    return setting_act(d, address, lines);
}
