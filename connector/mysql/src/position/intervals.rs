//! [`Intervals`]: a set of transaction numbers of one source and tag, kept as ranges.
//!
//! Invariant: the ranges are sorted, none is empty, and between two of them at least one number is missing. So a set has
//! one representation, equality is equality of ranges, and a gap is never filled unless the number itself was added.

/// A set of numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Intervals(Vec<Interval>);

/// The numbers from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Interval {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Intervals {
    /// Whether there is no number.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ranges in order.
    pub(super) fn ranges(&self) -> &[Interval] {
        &self.0
    }

    /// Whether `number` is in the set.
    pub(super) fn contains(&self, number: u64) -> bool {
        let index = self.0.partition_point(|range| range.last < number);
        self.0.get(index).is_some_and(|range| range.first <= number)
    }

    /// Whether every number of `other` is in the set.
    pub(super) fn contains_all(&self, other: &Intervals) -> bool {
        other.0.iter().all(|wanted| {
            let index = self.0.partition_point(|range| range.last < wanted.first);
            self.0
                .get(index)
                .is_some_and(|range| range.first <= wanted.first && wanted.last <= range.last)
        })
    }

    /// Adds `added`, merging what overlaps or touches it. Appending the next number, which is what a stream does, costs
    /// one comparison.
    pub(super) fn add(&mut self, added: Interval) {
        if let Some(end) = self.0.last_mut()
            && end.first <= added.first
            && added.first <= end.last.saturating_add(1)
        {
            end.last = end.last.max(added.last);
            return;
        }
        let from = self
            .0
            .partition_point(|range| range.last.saturating_add(1) < added.first);
        let to = self
            .0
            .partition_point(|range| range.first <= added.last.saturating_add(1));
        let touched = self.0.get(from..to).unwrap_or_default();
        let merged = Interval {
            first: touched
                .first()
                .map_or(added.first, |range| range.first.min(added.first)),
            last: touched.last().map_or(added.last, |range| range.last.max(added.last)),
        };
        self.0.splice(from..to, [merged]);
    }

    /// The numbers that are not in `other`.
    pub(super) fn minus(&self, other: &Intervals) -> Intervals {
        let mut rest = Vec::new();
        let mut removed = other.0.iter().peekable();
        for range in &self.0 {
            let mut first = range.first;
            while let Some(cut) = removed.peek() {
                if cut.first > range.last {
                    break;
                }
                if cut.first > first {
                    rest.push(Interval {
                        first,
                        last: cut.first - 1,
                    });
                }
                first = first.max(cut.last.saturating_add(1));
                if cut.last >= range.last {
                    // The cut may reach into the next range: keep it.
                    break;
                }
                removed.next();
            }
            if first <= range.last {
                rest.push(Interval {
                    first,
                    last: range.last,
                });
            }
        }
        Intervals(rest)
    }
}
