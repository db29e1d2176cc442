// SPDX-License-Identifier: MIT
/** Which events change a frame, the entry of a page, or an area. */

const OF_FRAMES = ['mm_page_alloc', 'mm_page_free', 'block_alloc', 'block_free', 'mm_filemap_add_to_page_cache',
	'mm_filemap_delete_from_page_cache', 'swap_out', 'swap_in', 'page_copy', 'fault'];
const OF_AREAS = /^area_/;

/** A test of the event at an index, for a step of kind `change`; null for other steps. */
export function changeTest(lab, step) {
	return step.kind === 'change' ? tests[step.of](lab, step) : null;
}

const tests = {
	frame: (lab, { pfn }) => (i) => {
		const { name, fields } = lab.trace.event(i);
		return name === 'page_copy' ? fields.to === pfn
			: OF_FRAMES.includes(name) && pfn >= lab.frames[i] && pfn < lab.frames[i] + (1 << lab.orders[i]);
	},

	/** The entry is looked for by the page's place in the table that the process has now, or by its table's. */
	entry(lab, { pid, address }) {
		const { pgd } = spaceOf(lab, pid);
		const directoryEntry = place(lab, pgd, address >>> 22);
		return (i) => {
			const { name, fields } = lab.trace.event(i);
			if (name === 'pmd_set')
				return fields.place === directoryEntry;
			const entry = lab.memory.state.tables.get(pgd)?.[address >>> 22];
			return name === 'pte_set' && Boolean(entry) && fields.place === place(lab, entry >>> 12, address >>> 12 & 1023);
		};
	},

	area(lab, { pid, address }) {
		const { mm } = spaceOf(lab, pid);
		return (i) => {
			const { name, fields } = lab.trace.event(i);
			return OF_AREAS.test(name) && fields.mm === mm && fields.start <= address && address < Math.max(fields.end, fields.to ?? 0);
		};
	},
};

/** The kernel's address of an entry of the table in a frame. */
const place = (lab, frame, index) => lab.memory.pageOffset + frame * 4096 + index * 4;

function spaceOf({ memory: { state } }, pid) {
	const mm = [...state.tasks.values()].find((task) => task.tgid === pid && task.mm)?.mm ?? 0;
	return { mm, pgd: state.spaces.get(mm)?.pgd ?? -1 };
}
