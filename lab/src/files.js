// SPDX-License-Identifier: MIT
/** The files beside the page. */

export async function bytes(url) {
	const response = await fetch(url);
	if (!response.ok)
		throw new Error(`${url}: ${response.status} ${response.statusText}`);
	return new Uint8Array(await response.arrayBuffer());
}

/** A file of gzip; some servers have the browser unpack it. */
export async function unpacked(url) {
	const data = await bytes(url);
	if (data[0] !== 0x1f || data[1] !== 0x8b)
		return data;
	const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('gzip'));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function json(url) {
	return JSON.parse(new TextDecoder().decode(await bytes(url)));
}
