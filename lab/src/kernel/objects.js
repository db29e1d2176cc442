// SPDX-License-Identifier: MIT
/** The names of what areas and the page cache hold, as /proc/PID/maps has them. */

/** "/tests/cow" of a file that has a name, the object's own name, or its number. */
export function objectName(kernel, object) {
	const release = kernel.symbol(object.a_ops?.release ?? 0);
	if (release?.name === 'inode_release')
		return path(kernel, kernel.at('inode', object.address)) || `file ${object.ino}`;
	return object.name ? kernel.memory.text(object.name) : `object ${object.ino}`;
}

/** The path of an inode by the first of its names; '' for the root and for a file without one. */
function path(kernel, inode) {
	const [entry] = kernel.list(inode.names, 'dentry', 'same');
	if (!entry)
		return '';
	const text = kernel.memory.text(entry.address + kernel.offset('dentry', 'text'), entry.length);
	return `${path(kernel, entry.folder)}/${text}`;
}
