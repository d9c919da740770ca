/* SPDX-License-Identifier: MIT */
/*
 * 64 bytes of a text at a time: which of them end a plain run of a JSON string. The
 * one place that knows vector instructions. AWH_BLOCKS chooses them: a file that
 * includes this is compiled once for each set.
 */
#ifndef AWH_JSON_BLOCKS_H
#define AWH_JSON_BLOCKS_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { AWH_BLOCK = 64 };

#define AWH_BLOCKS_PORTABLE 1
#define AWH_BLOCKS_SSE2 2
#define AWH_BLOCKS_AVX2 3
#define AWH_BLOCKS_NEON 4

/*
 * uint64_t awh_block_special(const char *block)
 *
 * A bit for each of AWH_BLOCK bytes, the first in the lowest: set for '"', '\\', control characters
 * below U+0020, and bytes of characters beyond ASCII.
 */
#if AWH_BLOCKS == AWH_BLOCKS_AVX2
#include <immintrin.h>

static inline uint32_t special_of_32(const char *text)
{
	const __m256i bytes = _mm256_loadu_si256((const __m256i_u *)text);
	const __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
	const __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
	const __m256i control =
	    _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
	const __m256i ascii = _mm256_or_si256(_mm256_or_si256(quote, backslash), control);

	return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(ascii, bytes));
}

static inline uint64_t awh_block_special(const char *block)
{
	return special_of_32(block) | (uint64_t)special_of_32(block + 32) << 32;
}

#elif AWH_BLOCKS == AWH_BLOCKS_SSE2
#include <emmintrin.h>

static inline uint64_t special_of_16(const char *text)
{
	const __m128i bytes = _mm_loadu_si128((const __m128i_u *)text);
	const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
	const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
	const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
	const __m128i ascii = _mm_or_si128(_mm_or_si128(quote, backslash), control);

	return (uint32_t)_mm_movemask_epi8(_mm_or_si128(ascii, bytes));
}

static inline uint64_t awh_block_special(const char *block)
{
	return special_of_16(block) | special_of_16(block + 16) << 16 |
	       special_of_16(block + 32) << 32 | special_of_16(block + 48) << 48;
}

#elif AWH_BLOCKS == AWH_BLOCKS_NEON
#include <arm_neon.h>

/* All bits of each special byte, less those of its place among eight. */
static inline uint8x16_t special_of_16(const char *text)
{
	static const uint8_t places[] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	const uint8x16_t bytes = vld1q_u8((const uint8_t *)text);
	const uint8x16_t quote = vceqq_u8(bytes, vdupq_n_u8('"'));
	const uint8x16_t backslash = vceqq_u8(bytes, vdupq_n_u8('\\'));
	const uint8x16_t control = vcltq_u8(bytes, vdupq_n_u8(0x20));
	const uint8x16_t beyond = vcgeq_u8(bytes, vdupq_n_u8(0x80));
	const uint8x16_t any = vorrq_u8(vorrq_u8(quote, backslash), vorrq_u8(control, beyond));

	return vandq_u8(any, vld1q_u8(places));
}

static inline uint64_t awh_block_special(const char *block)
{
	const uint8x16_t low = vpaddq_u8(special_of_16(block), special_of_16(block + 16));
	const uint8x16_t high = vpaddq_u8(special_of_16(block + 32), special_of_16(block + 48));
	const uint8x16_t pairs = vpaddq_u8(low, high);

	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(pairs, pairs)), 0);
}

#else

static inline uint64_t special_of_8(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t bytes;

	memcpy(&bytes, text, sizeof(bytes));
	bytes = le64toh(bytes);
	/* In top bits: no sum below carries from one byte into the next. */
	const uint64_t no_quote = ((bytes ^ ones * '"') & low) + low;
	const uint64_t no_backslash = ((bytes ^ ones * '\\') & low) + low;
	const uint64_t no_control = (bytes & low) + ones * (0x80 - 0x20);
	const uint64_t special = (bytes | ~(no_quote & no_backslash & no_control)) & ~low;

	return (special >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t awh_block_special(const char *block)
{
	uint64_t special = 0;

	for (int i = 0; i < 8; i++)
		special |= special_of_8(block + (size_t)(8 * i)) << 8 * i;
	return special;
}

#endif

#endif
