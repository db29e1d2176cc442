// SPDX-License-Identifier: MIT
/** The page's end of the worker's protocol (worker.js). */

/** A literal URL for each, which the bundler looks for. */
const workers = {
	machine: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
	live: () => new Worker(new URL('./live/worker.js', import.meta.url), { type: 'module' }),
	trace: () => new Worker(new URL('./recorded/worker.js', import.meta.url), { type: 'module' }),
};

export class Client {
	/** `kind`: an emulated machine, a running QEMU or a recorded trace. */
	constructor(onEvent, kind) {
		this.worker = workers[kind]();
		this.waiting = new Map();
		this.next = 1;
		this.worker.onmessage = ({ data }) => {
			if (data.event) {
				onEvent(data);
				return;
			}
			const { resolve, reject } = this.waiting.get(data.id);
			this.waiting.delete(data.id);
			if (data.error)
				reject(new Error(data.error));
			else
				resolve(data.result);
		};
	}

	call(call, argument) {
		return new Promise((resolve, reject) => {
			this.waiting.set(this.next, { resolve, reject });
			this.worker.postMessage({ id: this.next++, call, argument });
		});
	}

	/** Calls that wait for an answer get none. */
	end() {
		this.worker.terminate();
	}
}
