// SPDX-License-Identifier: MIT
/**
 * A recorded trace (docs/trace.md): the stream of trace_out=, or lines `trace: tsc=...` of a log or
 * of /proc/trace.
 *
 * Only the places of the records are kept. A record is decoded when it is asked for, so a long
 * trace needs little memory.
 */
const TEXT_BYTES = 16;
const MARK = 'trace: version=';
const LINE = 'trace: tsc=';
const WORD = /(\w+)=("[^"]*"|\S*)/g;

const words = (text) => [...text.matchAll(WORD)].map(([, name, value]) => [name, value]);

/** The trace in the bytes of a file. Throws if it has none. */
export function readTrace(bytes) {
	const text = new TextDecoder('latin1').decode(bytes);
	const start = text.indexOf(MARK), end = text.indexOf('\n\n', start);
	return start >= 0 && end >= 0 ? new StreamTrace(text.slice(start, end), bytes.subarray(end + 2)) : new LinesTrace(text);
}

/** What both forms have. A type is {name, group, fields: [[name, kind]]}. */
class Trace {
	constructor() {
		this.types = new Map(); // by number, or by name
		this.enums = {}; // kind -> names
		this.textStart = 0; // where the kernel's code was
		this.nameOfCode = null; // a function, if the names are known (symbols.js)
		this.damage = ''; // of a file that ends within a record
		this.log = []; // {text, at}: lines of a log that are no events; `at` events came before
		this.places = []; // of the records
	}

	get length() {
		return this.places.length;
	}

	/** Takes a line of the description. Returns false if it is none. */
	describe(line) {
		const found = Object.fromEntries(words(line));
		if (found.version && found.version !== '1')
			throw new Error(`version ${found.version} of traces is not known`);
		if (found.text)
			this.textStart = Number(found.text);
		if (found.enum)
			this.enums[found.enum] = found.names.split(',');
		else if (found.event && found.id)
			this.types.set(Number(found.id), { name: found.event, group: found.group, fields: found.fields.split(',').map((pair) => pair.split(':')) });
		return Boolean(found.version || found.enum || found.id);
	}
}

class StreamTrace extends Trace {
	constructor(head, body) {
		super();
		this.body = body;
		head.split('\n').forEach((line) => this.describe(line));
		this.times = [];
		let at = 0, time = 0;
		while (at < body.length) {
			const end = at + 1 + body[at];
			if (end > body.length) {
				this.damage = `the trace ends within a record, at byte ${at}`;
				break;
			}
			time += this.numbers(at, 2)[1];
			this.places.push(at);
			this.times.push(time);
			at = end;
		}
	}

	/** The numbers of a record in groups of seven bits, at most `limit`. */
	numbers(at, limit = Infinity) {
		const found = [];
		const end = at + 1 + this.body[at];
		let value = 0, unit = 1;
		for (let i = at + 1; i < end && found.length < limit; i++) {
			const byte = this.body[i];
			value += (byte & 0x7f) * unit;
			unit *= 128;
			if (byte < 0x80) {
				found.push(value);
				value = 0;
				unit = 1;
			}
		}
		return found;
	}

	/** {tsc, pid, tid, name, group, fields}: fields by name, numbers or texts. */
	event(index) {
		const [number, , pid, tid, ...values] = this.numbers(this.places[index]);
		const type = this.types.get(number);
		if (!type)
			throw new Error(`record ${index} is event ${number}, which the description does not have`);
		const fields = {};
		let at = 0;
		for (const [name, kind] of type.fields)
			if (kind === 'TEXT')
				fields[name] = textOf(values.slice(at, at += TEXT_BYTES / 4));
			else
				fields[name] = this.value(kind, values[at++]);
		return { tsc: this.times[index], pid, tid, name: type.name, group: type.group, fields };
	}

	value(kind, value) {
		if (kind === 'CODE')
			return this.nameOfCode?.(value) ?? value;
		return kind === 'SIGNED' ? value | 0 : this.enums[kind]?.[value] ?? value;
	}
}

/** Words hold characters, the first in the low byte. */
function textOf(values) {
	const bytes = values.flatMap((word) => [word, word / 0x100, word / 0x10000, word / 0x1000000].map((part) => part & 0xff));
	return String.fromCharCode(...bytes).split('\0')[0];
}

class LinesTrace extends Trace {
	constructor(text) {
		super();
		for (const line of text.split(/\r?\n/)) {
			const at = line.indexOf(LINE);
			if (at >= 0)
				this.places.push(line.slice(at + 'trace: '.length));
			else if (!(line.trimStart().startsWith('trace: ') && this.describe(line)))
				this.log.push({ text: line, at: this.length });
		}
		if (!this.length)
			throw new Error('this is no trace: it has no stream of trace_out= and no line "trace: tsc=..."');
		this.groups = Object.fromEntries([...this.types.values()].map(({ name, group }) => [name, group]));
	}

	event(index) {
		const [[, tsc], [, pid], [, tid], [, name], ...rest] = words(this.places[index]);
		const fields = Object.fromEntries(rest.map(([field, value]) => [field, /^-?(0x[0-9a-f]+|\d+)$/.test(value) ? Number(value) : value.replace(/^"(.*)"$/, '$1')]));
		return { tsc: Number(tsc), pid: Number(pid), tid: Number(tid), name, group: this.groups[name] ?? '', fields };
	}
}
