/* SPDX-License-Identifier: MIT */
/* Formatted text into a bounded buffer. lib/printf.h lists the conversions. */
#include "lib/printf.h"
#include "lib/math64.h"
#include "lib/string.h"

struct output {
	char *next, *end; /* end: the place reserved for the NUL */
	bool escape;	  /* print control characters of arguments as \xNN */
};

struct conversion {
	bool left, zero, prefix, upper;
	char sign;	    /* the sign of a number that is not negative: '+', ' ' or 0 for none */
	int width;	    /* the least number of characters */
	int precision;	    /* -1: none given */
	unsigned int longs; /* 0: int, 1: long or size_t, 2: long long */
};

static void put(struct output *out, char c)
{
	if (out->next < out->end)
		*out->next++ = c;
}

/*
 * C0, DEL and C1 controls. Bytes 0x80 to 0x9f also end longer UTF-8 sequences. After an ASCII
 * character they are controls only for an 8-bit terminal.
 */
static bool is_control(u8 before, u8 c)
{
	return c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0 && (before < 0x80 || before == 0xc2));
}

u32 escape_control(char to[4], char before, char c)
{
	static const char digits[] = "0123456789abcdef";

	to[0] = c;
	if (!is_control((u8)before, (u8)c))
		return 1;
	to[0] = '\\';
	to[1] = 'x';
	to[2] = digits[(u8)c >> 4];
	to[3] = digits[c & 15];
	return 4;
}

/* Writes a character of an argument; `before` is the one before it. */
static void put_foreign(struct output *out, char before, char c)
{
	char text[4] = { c };
	u32 length = out->escape ? escape_control(text, before, c) : 1;

	for (u32 i = 0; i < length; i++)
		put(out, text[i]);
}

static void put_run(struct output *out, char c, int count)
{
	while (count-- > 0)
		put(out, c);
}

static void put_string(struct output *out, const struct conversion *conv, const char *s)
{
	int length;

	if (!s)
		s = "(null)";
	length = (int)strnlen(s, conv->precision < 0 ? SIZE_MAX : (size_t)conv->precision);
	if (!conv->left)
		put_run(out, ' ', conv->width - length);
	for (int i = 0; i < length; i++)
		put_foreign(out, i ? s[i - 1] : '\0', s[i]);
	if (conv->left)
		put_run(out, ' ', conv->width - length);
}

static void put_number(struct output *out, const struct conversion *conv, u64 value, u32 base,
		       bool negative)
{
	const char *digits = conv->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char reversed[24];
	int count = 0, zeros = 0, spaces;
	char sign = negative ? '-' : conv->sign;
	int prefix = conv->prefix ? 2 : 0;

	do {
		u32 digit;

		value = div_u64_rem(value, base, &digit);
		reversed[count++] = digits[digit];
	} while (value);

	if (conv->precision > count)
		zeros = conv->precision - count;
	else if (conv->zero && !conv->left && conv->precision < 0)
		zeros = max(0, conv->width - count - prefix - !!sign);
	spaces = conv->width - zeros - count - prefix - !!sign;

	if (!conv->left)
		put_run(out, ' ', spaces);
	if (sign)
		put(out, sign);
	if (prefix) {
		put(out, '0');
		put(out, 'x');
	}
	put_run(out, '0', zeros);
	while (count)
		put(out, reversed[--count]);
	if (conv->left)
		put_run(out, ' ', spaces);
}

static const char *read_flags(const char *format, struct conversion *conv)
{
	for (;; format++) {
		if (*format == '-')
			conv->left = true;
		else if (*format == '0')
			conv->zero = true;
		else if (*format == '#')
			conv->prefix = true;
		else if (*format == '+' || *format == ' ')
			conv->sign = *format;
		else
			return format;
	}
}

static const char *read_count(const char *format, va_list *arguments, int *count)
{
	if (*format == '*') {
		*count = va_arg(*arguments, int);
		return format + 1;
	}
	for (*count = 0; *format >= '0' && *format <= '9'; format++)
		*count = min(*count * 10 + (*format - '0'), 10000);
	return format;
}

static u64 fetch_unsigned(unsigned int longs, va_list *arguments)
{
	if (longs >= 2)
		return va_arg(*arguments, unsigned long long);
	return longs ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned int);
}

static s64 fetch_signed(unsigned int longs, va_list *arguments)
{
	if (longs >= 2)
		return va_arg(*arguments, long long);
	return longs ? va_arg(*arguments, long) : va_arg(*arguments, int);
}

/* Prints one conversion. `format` points after the '%'. Returns the position after it. */
static const char *put_conversion(struct output *out, const char *format, va_list *arguments)
{
	struct conversion conv = { .precision = -1 };
	const char *start = format;
	s64 number;

	format = read_flags(format, &conv);
	format = read_count(format, arguments, &conv.width);
	if (*format == '.')
		format = read_count(format + 1, arguments, &conv.precision);
	for (; *format == 'l' || *format == 'z'; format++)
		conv.longs++;
	/* A negative width argument means the flag '-' (C11 7.21.6.1). */
	if (conv.width < 0) {
		conv.left = true;
		conv.width = -conv.width;
	}

	switch (*format) {
	case 'd':
	case 'i':
		number = fetch_signed(conv.longs, arguments);
		put_number(out, &conv, number < 0 ? 0 - (u64)number : (u64)number, 10, number < 0);
		break;
	case 'u':
		conv.prefix = false; /* fall through */
	case 'X':
	case 'x':
		conv.upper = *format == 'X';
		conv.sign = 0;
		put_number(out, &conv, fetch_unsigned(conv.longs, arguments),
			   *format == 'u' ? 10 : 16, false);
		break;
	case 'p':
		conv = (struct conversion){ .prefix = true, .precision = 8, .width = conv.width };
		put_number(out, &conv, (uintptr_t)va_arg(*arguments, void *), 16, false);
		break;
	case 's':
		put_string(out, &conv, va_arg(*arguments, const char *));
		break;
	case 'c':
		put_foreign(out, '\0', (char)va_arg(*arguments, int));
		break;
	default:
		put(out, '%');
		if (*format != '%')
			return start;
	}
	return format + 1;
}

static int put_format(char *buffer, size_t size, const char *format, va_list arguments, bool escape)
{
	struct output out;
	va_list copy;

	if (!size)
		return 0;
	out = (struct output){ buffer, buffer + size - 1, escape };
	va_copy(copy, arguments);
	while (*format) {
		if (*format == '%')
			format = put_conversion(&out, format + 1, &copy);
		else
			put(&out, *format++);
	}
	va_end(copy);
	*out.next = '\0';
	return (int)(out.next - buffer);
}

int vscnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
	return put_format(buffer, size, format, arguments, false);
}

int vscnprintf_escaped(char *buffer, size_t size, const char *format, va_list arguments)
{
	return put_format(buffer, size, format, arguments, true);
}

int scnprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vscnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}
