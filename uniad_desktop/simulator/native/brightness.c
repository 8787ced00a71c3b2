/* ExposureAuto and GainAuto: after each frame a step towards the wanted grey value. */
#include "simcam.h"

#include <math.h>

#define SETTLED 0.02 /* relative distance from the target that is near enough */
#define LARGEST_STEP 4.0
#define DAMPING 0.8
#define ONCE_FRAMES 30u /* Once gives up after so many frames, as with the cap on the lens */
#define LONGEST_US 100000.0
#define SHORTEST_US 10.0
#define LEAST_DB -12.0
#define MOST_DB 24.0

static double within(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

int auto_on(const Device *d) {
    return register_u32(d, REG_ExposureAuto) || register_u32(d, REG_GainAuto);
}

static void end_once(Device *d) {
    if (register_u32(d, REG_ExposureAuto) == ExposureAuto_Once)
        register_set_u32(d, REG_ExposureAuto, ExposureAuto_Off);
    if (register_u32(d, REG_GainAuto) == GainAuto_Once)
        register_set_u32(d, REG_GainAuto, GainAuto_Off);
}

/* Exposure goes first; gain takes what exposure cannot. */
void auto_adjust(Device *d, double mean) {
    double target = register_u32(d, REG_SimAutoTarget);
    double factor = within(target / (mean > 1 ? mean : 1), 1 / LARGEST_STEP, LARGEST_STEP);
    double step = pow(factor, DAMPING);
    if (fabs(factor - 1) < SETTLED || ++d->auto_frames > ONCE_FRAMES) end_once(d);
    if (fabs(factor - 1) < SETTLED) return;
    if (register_u32(d, REG_ExposureAuto)) {
        double before = register_f64(d, REG_ExposureTime);
        double after = within(before * step, SHORTEST_US, LONGEST_US);
        register_set_f64(d, REG_ExposureTime, after);
        step /= after / before;
    }
    if (register_u32(d, REG_GainAuto)) {
        double gain = register_f64(d, REG_Gain) + 20 * log10(step);
        register_set_f64(d, REG_Gain, within(gain, LEAST_DB, MOST_DB));
    }
}
