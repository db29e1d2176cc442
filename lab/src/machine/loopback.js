// SPDX-License-Identifier: MIT
/**
 * The loop-back of modem lines, which v86's UART lacks: the kernel believes a UART only if RTS
 * comes back as CTS, DTR as DSR, OUT1 as RI and OUT2 as DCD. Source: National Semiconductor,
 * PC16550D data sheet, 8.6.6.
 */
const LINES = [0x3f8, 0x2f8];
const MODEM_CONTROL = 4, MODEM_STATUS = 6, LOOP = 0x10;

/** Wraps the port accesses among v86's imports. Returns what it remembers, a Map. */
export function addLoopback(env) {
	const control = new Map(LINES.map((base) => [base + MODEM_CONTROL, 0]));
	const { io_port_read8: read, io_port_write8: write } = env;
	env.io_port_write8 = (port, value) => {
		if (control.has(port))
			control.set(port, value);
		write(port, value);
	};
	env.io_port_read8 = (port) => {
		const outputs = control.get(port - MODEM_STATUS + MODEM_CONTROL);
		if (!(outputs & LOOP))
			return read(port);
		return (outputs & 2) << 3 | (outputs & 1) << 5 | (outputs & 4) << 4 | (outputs & 8) << 4;
	};
	return control;
}
