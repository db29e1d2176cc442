// SPDX-License-Identifier: MIT
/**
 * The physical memory of a machine that is reached only by messages.
 *
 * The readers of src/kernel are functions that do not wait. So they read from pages that were
 * fetched; where one is missing they are ended, the page is fetched, and they begin again.
 */
const PAGE = 4096;
const AHEAD = 16; // pages fetched at once: mem_map is read from end to end

class Missing extends Error {
	constructor(page) {
		super(`page ${page} is not here`);
		this.page = page;
	}
}

export class FetchedMemory {
	/** `fetch(address, length)` returns a promise of bytes. */
	constructor(fetch) {
		this.fetch = fetch;
		this.pages = new Map();
	}

	/** The machine has run: nothing that was fetched is true any more. */
	forget() {
		this.pages.clear();
	}

	view(address) {
		const page = Math.floor(address / PAGE);
		const view = this.pages.get(page);
		if (!view)
			throw new Missing(page);
		return view;
	}

	u8(address) {
		return this.view(address).getUint8(address % PAGE);
	}

	u32(address) {
		if (address % PAGE > PAGE - 4)
			return (this.u8(address) | this.u8(address + 1) << 8 | this.u8(address + 2) << 16 | this.u8(address + 3) << 24) >>> 0;
		return this.view(address).getUint32(address % PAGE, true);
	}

	/** Calls read() until all that it reads is here; returns its result. */
	async with(read) {
		for (;;) {
			try {
				return read();
			} catch (error) {
				if (!(error instanceof Missing))
					throw error;
				const bytes = await this.fetch(error.page * PAGE, AHEAD * PAGE);
				for (let i = 0; i < AHEAD; i++)
					this.pages.set(error.page + i, new DataView(bytes.buffer, i * PAGE, PAGE));
			}
		}
	}
}
