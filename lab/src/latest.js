// SPDX-License-Identifier: MIT
/** Calls act(value) for the newest value only: while one call is awaited, those before the last are left out. */
export function latest(act) {
	let waiting = null, busy = false;
	return async (value) => {
		waiting = { value };
		if (busy)
			return;
		busy = true;
		while (waiting) {
			const next = waiting.value;
			waiting = null;
			await act(next);
		}
		busy = false;
	};
}
