// SPDX-License-Identifier: MIT
/**
 * The page's colours: texts can be read, and owners and entries told apart, also by people who lack
 * a kind of cone.
 *
 * Sources: WCAG 2.2, 1.4.3 (contrast); Machado, Oliveira and Fernandes, A physiologically-based model
 * for simulation of colour vision deficiency, 2009 (matrices, severity 1); CIE 15, 8.2.1 (L*a*b*).
 */
import fs from 'node:fs';
import { done, result } from './tap.mjs';

const CONTRAST = 4.5; // of text to what is behind it
const DIFFERENCE = 12; // CIE76; 2.3 is just noticeable
const VISIONS = {
	normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
	protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
	deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
	tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
};

const css = fs.readFileSync('lab/src/style.css', 'utf8');

/** {name: linear RGB} of a scheme: 0 light, 1 dark. */
function colours(scheme) {
	return Object.fromEntries([...css.matchAll(/--([\w-]+): (?:light-dark\((#\w+), (#\w+)\)|(#\w{6}));/g)].map(([, name, light, dark, both]) => {
		const text = both ?? [light, dark][scheme];
		return [name, [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16) / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)];
	}));
}

const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, factor, i) => sum + factor * vector[i], 0));
const XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]];

function lab(rgb) {
	const [x, y, z] = times(XYZ, rgb.map((part) => Math.min(Math.max(part, 0), 1))).map((part, i) => part / [0.9505, 1, 1.089][i])
		.map((part) => part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116);
	return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const difference = (one, other) => Math.hypot(...lab(one).map((part, i) => part - lab(other)[i]));
const luminance = (rgb) => times(XYZ, rgb)[1];

function contrast(one, other) {
	const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
	return (high + 0.05) / (low + 0.05);
}

/** The two names of a family that look most alike, as {pair, distance}. */
function closest(found, family, matrix) {
	const names = Object.keys(found).filter((name) => name.startsWith(family));
	const pairs = names.flatMap((one, i) => names.slice(i + 1).map((other) => ({ pair: `${one} and ${other}`, distance: difference(times(matrix, found[one]), times(matrix, found[other])) })));
	return pairs.sort((a, b) => a.distance - b.distance)[0];
}

['light', 'dark'].forEach((scheme, index) => {
	const found = colours(index);
	const texts = ['text', 'faint', 'accent'].flatMap((name) => ['panel', 'page'].map((ground) => [`${name} on ${ground}`, contrast(found[name], found[ground])]));
	result(texts.every(([, ratio]) => ratio >= CONTRAST), `${scheme}: texts have a contrast of ${CONTRAST}`, texts);
	for (const [vision, matrix] of Object.entries(VISIONS)) {
		const alike = ['owner-', 'entry-'].map((family) => closest(found, family, matrix));
		result(alike.every(({ distance }) => distance >= DIFFERENCE), `${scheme}, ${vision}: owners and entries are told apart`, alike);
	}
});
done();
