// SPDX-License-Identifier: MIT
/** The page's end of the worker's protocol (worker.js). */
export class Client {
	/** `live`: the machine is a running QEMU. */
	constructor(onEvent, live) {
		this.worker = live ? new Worker(new URL('./live/worker.js', import.meta.url), { type: 'module' })
			: new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
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
}
