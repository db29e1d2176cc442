/* SPDX-License-Identifier: MIT */
/* The maps of tests/host/recorded/maps.c that machines of machines.c have. */
#ifndef TESTS_HOST_RECORDED_MAPS_H
#define TESTS_HOST_RECORDED_MAPS_H

#include "tests/host/recorded/machines.h"

extern const struct recorded_range recorded_supermicro[18];
extern const struct recorded_range recorded_poweredge[10];
extern const struct recorded_range recorded_qnap[31];
extern const struct recorded_range recorded_macbook[20];
extern const struct recorded_range recorded_gpd_win_3[19];

#endif
