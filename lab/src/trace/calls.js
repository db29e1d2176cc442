// SPDX-License-Identifier: MIT
/**
 * Calls of the kernel's functions, seen by hooks.
 *
 * The kernel passes the first three arguments in EAX, EDX and ECX (-mregparm=3), and the result in
 * EAX. At a function's first instruction the return address is at the top of the stack.
 */
export class Calls {
	constructor(machine, kernel) {
		Object.assign(this, { machine, kernel });
	}

	/** Calls enter({arguments, caller, depth}) at each call of a function. Returns a function that ends it. */
	onEntry(name, enter) {
		const { hooks, processor } = this.machine;
		const [address, , length] = this.kernel.function(name);
		if (!length)
			throw new Error(`${name} begins with a jump: no hook can stand there`);
		const call = () => enter({
			name,
			arguments: ['eax', 'edx', 'ecx'].map((register) => processor.register(register)),
			caller: this.kernel.memory.u32(processor.register('esp')),
			stack: processor.register('esp'),
		});
		hooks.set(address, length, call);
		return () => hooks.remove(address, call);
	}

	/**
	 * Calls leave(result) once, when the call that is at its entry now returns. A call that
	 * sleeps while another one returns to the same place is lost.
	 */
	onReturn({ caller, stack }, leave) {
		const { hooks, processor } = this.machine;
		const call = () => {
			hooks.remove(caller, call);
			if (processor.register('esp') === stack + 4)
				leave(processor.register('eax'));
		};
		hooks.set(caller, 0, call);
	}
}
