package recurrence

import "math/bits"

// set is a set of numbers from 0 to 383: days of a period, counted from its first, or positions.
type set [6]uint64

func (s *set) add(n int)      { s[n/64] |= 1 << (n % 64) }
func (s *set) has(n int) bool { return n < 384 && s[n/64]&(1<<(n%64)) != 0 }

// addMonth adds the days of a month; bit 0 of days stands for the number first.
func (s *set) addMonth(first int, days uint32) {
	word, shift := first/64, first%64
	s[word] |= uint64(days) << shift
	if shift > 32 && word+1 < len(s) {
		s[word+1] |= uint64(days) >> (64 - shift)
	}
}

func (s *set) and(other *set) {
	for i := range s {
		s[i] &= other[i]
	}
}

func (s *set) size() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// countBetween returns how many numbers lie from one to another, both included.
func (s *set) countBetween(from, to int) int {
	from, to = max(from, 0), min(to, len(s)*64-1)
	n := 0
	for i := from / 64; i <= to/64 && from <= to; i++ {
		word := s[i]
		if i == from/64 {
			word &= ^uint64(0) << (from % 64)
		}
		if i == to/64 {
			word &= ^uint64(0) >> (63 - to%64)
		}
		n += bits.OnesCount64(word)
	}
	return n
}

// next returns the lowest number of the set from n on.
func (s *set) next(n int) (int, bool) {
	for i := n / 64; i < len(s); i++ {
		word := s[i]
		if i == n/64 {
			word &= ^uint64(0) << (n % 64)
		}
		if word != 0 {
			return i*64 + bits.TrailingZeros64(word), true
		}
	}
	return 0, false
}

// pick returns the numbers of the set at the positions, which count from 1 from either end. Without positions it returns all.
func (s *set) pick(at *positions) set {
	if at.isZero() {
		return *s
	}
	var picked set
	size := s.size()
	i := 1
	for n, ok := s.next(0); ok; n, ok = s.next(n + 1) {
		if at.first.has(i) || at.last.has(size-i+1) {
			picked.add(n)
		}
		i++
	}
	return picked
}

func highestBit(word uint64) int { return bits.Len64(word) - 1 }
