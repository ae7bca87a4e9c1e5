package exposition

import "hash/crc32"

// The CRC-32 of two texts one after the other follows from theirs: a checksum is a polynomial over GF(2), in which bit 31
// is the coefficient of x^0, and n more bytes multiply it by x^8n modulo the CRC's polynomial.

// shiftBy is x^8n modulo the CRC's polynomial, what n more bytes multiply a checksum by.
func shiftBy(n uint64) uint32 {
	const one, x8 = 1 << 31, 1 << (31 - 8)
	shift, power := uint32(one), uint32(x8)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			shift = multiply(shift, power)
		}
		power = multiply(power, power)
	}
	return shift
}

// multiply multiplies two polynomials modulo the CRC's.
func multiply(a, b uint32) uint32 {
	product := uint32(0)
	for ; a != 0; a <<= 1 {
		if a&(1<<31) != 0 {
			product ^= b
		}
		b = b>>1 ^ crc32.IEEE&-(b&1)
	}
	return product
}

// combine is the checksum of two texts together; shift is that of the second one's length.
func combine(first, second, shift uint32) uint32 { return multiply(first, shift) ^ second }
