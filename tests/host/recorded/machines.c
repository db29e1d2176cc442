/* SPDX-License-Identifier: MIT */
/* The recorded machines: tables first, then those of which only a kernel's log is public. */
#include "tests/host/recorded/machines.h"
#include "kernel/devices/acpi.h"
#include "tests/host/recorded/maps.h"

#define IO  ACPI_IO
#define MEM ACPI_MEMORY
#define AT(...)             \
	{                   \
		__VA_ARGS__ \
	}
#define NONE      \
	{         \
		0 \
	}

/* All in the order of the fields of their structures. */
#define FADT(...) .fadt = { __VA_ARGS__ }
#define MADT(length, p, d, x, xd, o, n, xn, ...) \
	.madt = { length, p, d, x, xd, o, n, xn, { __VA_ARGS__ } }
#define DMAR(length, ...) .dmar = { length, { __VA_ARGS__ } }
#define IVRS(length, ...) .ivrs = { length, { __VA_ARGS__ } }
#define ENTRY(type, length, address)  \
	{                             \
		type, length, address \
	}
#define E820(map, pages) \
	.e820 = recorded_##map, .e820_count = ARRAY_SIZE(recorded_##map), .linux_pages = (pages)

const struct recorded_machine recorded_machines[] = {
	{
		.name = "Microsoft Surface Pro",
		.source = "GitHub linux-surface/acpidumps, surface_pro_1",
		FADT(268, 5, 0x386a5, 0xd95fd188, 0xb2, 0xa0, 0x404, 0x408, AT(IO, 8, 0, 0xcf9),
		     0x6, AT(IO, 16, 2, 0x404), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x408), NONE),
		MADT(114, 4, 0, 0, 0, 2, 1, 0, 0xfec00000),
		DMAR(184, ENTRY(0, 24, 0xfed90000), ENTRY(0, 32, 0xfed91000),
		     ENTRY(1, 48, 0xd9577000), ENTRY(1, 32, 0xdb800000)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Microsoft Surface 3",
		.source = "GitHub linux-surface/acpidumps, surface_3",
		FADT(268, 5, 0x308421, 0xbad88218, 0xb2, 0x0, 0, 0, AT(IO, 8, 0, 0xcf9), 0x6, NONE,
		     NONE, NONE, AT(IO, 8, 1, 0x405)),
		MADT(132, 4, 0, 0, 0, 2, 4, 0, 0xfec00000),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Microsoft Surface Pro 4",
		.source = "GitHub linux-surface/acpidumps, surface_pro_4",
		FADT(268, 5, 0x20c4b5, 0x8bed8000, 0xb2, 0xf0, 0x1804, 0x1808, AT(IO, 8, 1, 0xcf9),
		     0x6, AT(IO, 16, 2, 0x1804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x1808),
		     AT(IO, 8, 3, 0x1804)),
		MADT(300, 4, 12, 0, 0, 2, 16, 0, 0xfec00000),
		DMAR(312, ENTRY(0, 24, 0xfed90000), ENTRY(0, 64, 0xfed91000),
		     ENTRY(1, 32, 0x3e2e0000), ENTRY(1, 32, 0x8d000000), ENTRY(4, 28, 0),
		     ENTRY(4, 28, 0), ENTRY(4, 28, 0), ENTRY(4, 28, 0)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Microsoft Surface Go 2",
		.source = "GitHub linux-surface/acpidumps, surface_go_2",
		FADT(268, 5, 0x20c4b5, 0x8cfc1000, 0xb2, 0xa0, 0x1804, 0x1808, AT(IO, 8, 1, 0xb2),
		     0xfb, AT(IO, 16, 2, 0x1804), AT(0, 0, 2, 0), AT(IO, 32, 3, 0x1808),
		     AT(IO, 8, 3, 0x1805)),
		MADT(300, 4, 12, 0, 0, 2, 16, 0, 0xfec00000),
		DMAR(168, ENTRY(0, 24, 0xfed90000), ENTRY(0, 32, 0xfed91000),
		     ENTRY(1, 32, 0x8c73d000), ENTRY(1, 32, 0x8d800000)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Microsoft Surface Laptop 3, Intel",
		.source = "GitHub linux-surface/acpidumps, surface_laptop_3_intel",
		FADT(276, 6, 0x20c4f5, 0x7bfc8000, 0xb2, 0xf0, 0, 0x1808, AT(IO, 8, 1, 0xcf9), 0x6,
		     AT(IO, 16, 2, 0x1804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x1808),
		     AT(IO, 8, 3, 0x1804)),
		MADT(300, 4, 12, 0, 0, 2, 16, 0, 0xfec00000),
		DMAR(136, ENTRY(0, 24, 0xfed90000), ENTRY(0, 32, 0xfed91000),
		     ENTRY(1, 32, 0x91000000)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Microsoft Surface Laptop 3, AMD",
		.source = "GitHub linux-surface/acpidumps, surface_laptop_3_amd",
		FADT(276, 6, 0x30c5bd, 0xce3d5000, 0xb0, 0xa0, 0x404, 0x408, AT(IO, 8, 1, 0xcf9),
		     0x6, AT(IO, 16, 2, 0x404), AT(IO, 0, 0, 0), AT(IO, 32, 3, 0x408), NONE),
		MADT(158, 8, 0, 0, 0, 2, 1, 0, 0xfec00000, 0xfec01000),
		IVRS(208, ENTRY(0x10, 72, 0xfd200000), ENTRY(0x11, 88, 0xfd200000)),
		.hpet = AT(MEM, 0, 0, 0xfed00000),
		.s5 = { 5, 5, 0, 0 },
	},
	{
		.name = "Microsoft Surface Laptop 4, AMD",
		.source = "GitHub linux-surface/acpidumps, surface_laptop_4_amd",
		FADT(276, 6, 0x20c5bd, 0x7c7cf000, 0xb0, 0xa0, 0x404, 0x408, AT(IO, 8, 1, 0xcf9),
		     0x6, AT(IO, 16, 2, 0x404), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x408), NONE),
		MADT(222, 16, 0, 0, 0, 2, 1, 0, 0xfec00000, 0xfec01000),
		IVRS(327, ENTRY(0x10, 72, 0xfdf00000), ENTRY(0x11, 88, 0xfdf00000),
		     ENTRY(0x40, 119, 0xfdf00000)),
		.hpet = AT(MEM, 0, 0, 0xfed00000),
		.s5 = { 5, 5, 0, 0 },
	},
	{
		.name = "Microsoft Surface Pro 8",
		.source = "GitHub linux-surface/acpidumps, surface_pro_8",
		FADT(276, 6, 0x20c4f5, 0x7dbc1000, 0xb2, 0xf0, 0x1804, 0x1808, AT(IO, 8, 1, 0xcf9),
		     0x6, AT(IO, 16, 2, 0x1804), AT(IO, 0, 0, 0), AT(IO, 32, 3, 0x1808), NONE),
		MADT(146, 8, 0, 0, 0, 2, 1, 0, 0xfec00000),
		DMAR(208, ENTRY(0, 24, 0xfed90000), ENTRY(0, 24, 0xfed92000),
		     ENTRY(0, 24, 0xfed84000), ENTRY(0, 24, 0xfed85000), ENTRY(0, 32, 0xfed91000),
		     ENTRY(1, 32, 0x83800000)),
		.hpet = AT(MEM, 0, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Microsoft Surface Laptop SE",
		.source = "GitHub linux-surface/acpidumps, surface_laptop_se",
		FADT(268, 5, 0x4b1, 0x784f2000, 0xb2, 0xa0, 0x404, 0x408, AT(IO, 8, 0, 0xcf9), 0x6,
		     AT(IO, 16, 2, 0x404), AT(IO, 0, 0, 0), AT(IO, 32, 3, 0x408), AT(IO, 8, 1, 0)),
		MADT(132, 4, 0, 0, 0, 2, 4, 0, 0xfec00000),
		DMAR(168, ENTRY(0, 24, 0xfed64000), ENTRY(0, 32, 0xfed65000),
		     ENTRY(1, 32, 0x78445000), ENTRY(1, 32, 0x7b800000)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Microsoft Surface Pro 10",
		.source = "GitHub linux-surface/acpidumps, surface_pro_10_business",
		FADT(276, 6, 0x20c4f5, 0x55fbc000, 0xb2, 0xf0, 0x1804, 0x1808, AT(IO, 8, 1, 0xcf9),
		     0x6, AT(IO, 16, 2, 0x1804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x1808), NONE),
		MADT(604, 14, 34, 0, 0, 2, 24, 0, 0xfec00000),
		DMAR(168, ENTRY(0, 24, 0xfc800000), ENTRY(0, 32, 0xfc801000), ENTRY(5, 32, 0),
		     ENTRY(6, 32, 0)),
		.hpet = AT(MEM, 0, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Lenovo Legion 5 15ACH6H",
		.source = "GitHub hhd-dev/hwinfo, devices/Legion_5_15ACH6H",
		FADT(268, 5, 0xc5ad, 0xcdfc8000, 0xb0, 0xa0, 0x404, 0x408, AT(IO, 8, 1, 0xb0), 0xfb,
		     AT(IO, 16, 2, 0x404), NONE, AT(IO, 32, 3, 0x408), NONE),
		MADT(312, 16, 0, 0, 0, 2, 16, 0, 0xfec00000, 0xfec01000),
		IVRS(420, ENTRY(0x10, 72, 0xfdf00000), ENTRY(0x11, 88, 0xfdf00000),
		     ENTRY(0x40, 212, 0xfdf00000)),
		.hpet = AT(MEM, 0, 0, 0xfed00000),
		.s5 = { 5, 5, 0, 0 },
	},
	{
		.name = "Lenovo Legion Pro 5 16IRX9",
		.source = "GitHub hhd-dev/hwinfo, devices/Legion_Pro_5_16IRX9",
		FADT(276, 6, 0xc6e5, 0x74a4c000, 0xb2, 0xa0, 0x1804, 0x1808, AT(IO, 8, 1, 0xb2),
		     0xfb, AT(IO, 16, 2, 0x1804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x1808), NONE),
		MADT(476, 32, 0, 0, 0, 2, 24, 0, 0xfec00000),
		DMAR(136, ENTRY(0, 24, 0xfed90000), ENTRY(0, 32, 0xfed91000),
		     ENTRY(1, 32, 0x7c000000)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
	},
	{
		.name = "Lenovo Legion Go",
		.source = "GitHub hhd-dev/hwinfo, devices/legion_go",
		FADT(268, 5, 0x20c5bd, 0x5afd3000, 0xb0, 0xa0, 0x404, 0x408, AT(IO, 8, 1, 0xb0),
		     0xfb, AT(IO, 16, 2, 0x404), NONE, AT(IO, 32, 3, 0x408), NONE),
		MADT(312, 16, 0, 0, 0, 2, 16, 0, 0xfec00000, 0xfec01000),
		IVRS(408, ENTRY(0x10, 68, 0xc0200000), ENTRY(0x11, 84, 0xc0200000),
		     ENTRY(0x40, 208, 0xc0200000)),
		.hpet = AT(MEM, 0, 0, 0xfed00000),
		.s5 = { 5, 5, 0, 0 },
	},
	{
		.name = "ASUS ROG Flow Z13 (2025)",
		.source = "GitHub hhd-dev/hwinfo, devices/Asus Z13 2025",
		FADT(276, 6, 0x2085bd, 0x7035e000, 0xb2, 0xa0, 0x804, 0x808, AT(IO, 8, 0, 0xb2),
		     0xbe, AT(IO, 16, 2, 0x804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x808), NONE),
		MADT(360, 32, 0, 0, 0, 3, 1, 0, 0xfec00000, 0xfec01000),
		IVRS(502, ENTRY(0x10, 68, 0xfd200000), ENTRY(0x11, 84, 0xfd200000),
		     ENTRY(0x21, 32, 0x7d900000), ENTRY(0x21, 32, 0x76000000),
		     ENTRY(0x40, 238, 0xfd200000)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 5, 0, 0, 0 },
	},
	{
		.name = "MSI Claw A1M",
		.source = "GitHub hhd-dev/hwinfo, devices/claw_a1m",
		FADT(276, 6, 0x2384e5, 0x655ad000, 0xb2, 0xa0, 0x1804, 0x1808, AT(IO, 8, 1, 0xcf9),
		     0x6, AT(IO, 16, 2, 0x1804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x1808), NONE),
		MADT(856, 0, 0, 22, 26, 2, 0, 1, 0xfec00000),
		DMAR(152, ENTRY(0, 24, 0xfc800000), ENTRY(0, 32, 0xfc801000), ENTRY(5, 24, 0),
		     ENTRY(6, 24, 0)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "MSI Claw 8 AI+",
		.source = "GitHub hhd-dev/hwinfo, devices/msi_claw8",
		FADT(276, 6, 0x20c4e5, 0x6b698000, 0xb2, 0xa0, 0x1804, 0x1808, AT(IO, 8, 0, 0xcf9),
		     0x6, AT(IO, 16, 2, 0x1804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x1808), NONE),
		MADT(216, 0, 0, 8, 0, 2, 0, 1, 0xfec00000),
		DMAR(192, ENTRY(0, 24, 0xfc800000), ENTRY(0, 40, 0xfc810000),
		     ENTRY(0, 32, 0xfc820000), ENTRY(5, 24, 0), ENTRY(6, 24, 0)),
		.hpet = AT(MEM, 0, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "GPD Win 3",
		.source = "GitHub hhd-dev/hwinfo, devices/gpd_win3",
		FADT(276, 6, 0x23c4f5, 0x45615000, 0xb2, 0xa0, 0x1804, 0x1808, AT(IO, 8, 1, 0xcf9),
		     0x6, AT(IO, 16, 2, 0x1804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x1808), NONE),
		MADT(300, 8, 8, 0, 0, 2, 16, 0, 0xfec00000),
		DMAR(232, ENTRY(0, 24, 0xfed90000), ENTRY(0, 24, 0xfed84000),
		     ENTRY(0, 24, 0xfed85000), ENTRY(0, 24, 0xfed86000), ENTRY(0, 24, 0xfed87000),
		     ENTRY(0, 32, 0xfed91000), ENTRY(1, 32, 0x4c000000)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
		E820(gpd_win_3, 16548116 / 4),
	},
	{
		.name = "AYN Loki Max",
		.source = "GitHub hhd-dev/hwinfo, devices/loki_max",
		FADT(276, 6, 0x1c5ad, 0xb31f5000, 0xb2, 0xa0, 0x804, 0x808, AT(IO, 8, 0, 0xb2),
		     0xbe, AT(IO, 16, 2, 0x804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x808), NONE),
		MADT(232, 12, 4, 0, 0, 3, 1, 0, 0xfec00000, 0xfec01000),
		IVRS(420, ENTRY(0x10, 72, 0xfd400000), ENTRY(0x11, 88, 0xfd400000),
		     ENTRY(0x40, 212, 0xfd400000)),
		.s5 = { 5, 0, 0, 0 },
	},
	{
		.name = "Dell Precision M6800",
		.source = "GitHub jeallcmn/m6800-pascal, oem-acpi-tables",
		FADT(268, 5, 0x386a5, 0xcbfd31b8, 0xb2, 0xd5, 0x1804, 0x1808, AT(IO, 8, 0, 0xb2),
		     0x73, AT(IO, 16, 2, 0x1804), AT(IO, 0, 2, 0), AT(IO, 32, 3, 0x1808), NONE),
		MADT(146, 8, 0, 0, 0, 2, 1, 0, 0xfec00000),
		DMAR(128, ENTRY(0, 32, 0xfed90000), ENTRY(1, 48, 0xcaf19000)),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Lenovo Yoga Book YB1-X91L",
		.source = "GitHub jekhor/yogabook-linux, devices/YB1-X91L",
		FADT(268, 5, 0x200421, 0x7a4b6000, 0xb2, 0xa0, 0x404, 0x408, AT(IO, 8, 0, 0xb2),
		     0xfb, AT(IO, 16, 2, 0x404), AT(IO, 0, 0, 0), AT(IO, 32, 3, 0x408),
		     AT(IO, 8, 1, 0x405)),
		MADT(108, 4, 0, 0, 0, 2, 0, 0, 0xfec00000),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.s5 = { 7, 0, 0, 0 },
	},
	{
		.name = "Supermicro X11SSH-F",
		.source = "Naresh Kamboju, linux-kernel, 2023-01-13, next: BUG: NULL pointer, "
			  "do_wp_page",
		MADT(132, 4, 0, 0, 0, 2, 4, 0, 0xfec00000),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.spcr = { 1, AT(IO, 0, 0, 0x3f8), 7, 0 },
		E820(supermicro, 16724984 / 4),
	},
	{
		.name = "Dell PowerEdge R815",
		.source = "Paul Menzel, linux-kernel, 2020-02-27, kernel BUG at mm/vmscan.c:1740!",
		MADT(608, 64, 0, 0, 0, 1, 1, 0, 0xfec00000, 0xfec80000, 0xfecc0000),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.spcr = { 1, AT(MEM, 0, 0, 0), 0, 0 },
		E820(poweredge, 536844376 / 4),
	},
	{
		.name = "QNAP TS-1277",
		.source =
			"notes of an owner, TS-1277, section dmesg (Linux 5.4, firmware QZ14AR54)",
		MADT(222, 16, 0, 0, 0, 2, 1, 0, 0xfec00000, 0xfec01000),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		.spcr = { 1, AT(IO, 0, 0, 0x3f8), 7, 0 },
		E820(qnap, 16764920),
	},
	{
		.name = "Apple MacBook Air 11 (2015)",
		.source = "JGrossholtz, Ubuntu forums, 2015-04-17, installer does not see SSD "
			  "(MacBookAir7,1)",
		MADT(188, 4, 4, 0, 0, 2, 8, 0, 0xfec00000),
		.hpet = AT(MEM, 64, 0, 0xfed00000),
		E820(macbook, 2072171),
	},
	{
		.name = "Chromium OS board, AMD",
		.source = "Raul E Rangel, linux-acpi, 2024-09-12, [PATCH 3/3] ACPI: SPCR: Add "
			  "support for rev 3",
		.spcr = { 3, AT(MEM, 0, 3, 0xfedc9000), 7, 48000000 },
	},
	{
		.name = "Intel Edison",
		.source = "GitHub edison-fw/meta-intel-edison, issue 128 (tables of U-Boot)",
		.spcr = { 2, AT(MEM, 0, 1, 0xff010180), 0, 0 },
	},
};

const u32 recorded_machine_count = ARRAY_SIZE(recorded_machines);
