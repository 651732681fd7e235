//! [`Memory`]: `buffer.memory`, counted in bytes, and buffers that are used again.

/// The smallest buffer: few records of a partition take little, however many partitions there are.
const SMALLEST: usize = 1 << 10;

pub(super) struct Memory {
    limit: usize,
    used: usize,
    free: Vec<Vec<u8>>,
    free_bytes: usize,
}

impl Memory {
    pub(super) fn new(limit: usize) -> Self {
        Memory {
            limit,
            used: 0,
            free: Vec::new(),
            free_bytes: 0,
        }
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Whether so many bytes more stay below the limit. One record always has its place.
    pub(super) fn has_room_for(&self, bytes: usize) -> bool {
        self.used == 0 || self.used + bytes <= self.limit
    }

    /// An empty buffer.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let buffer = self.free.pop().unwrap_or_else(|| Vec::with_capacity(SMALLEST));
        self.free_bytes = self.free_bytes.saturating_sub(buffer.capacity());
        self.used += buffer.capacity();
        buffer
    }

    /// A buffer that is in use has another size.
    pub(super) fn resized(&mut self, before: usize, after: usize) {
        self.used = (self.used + after).saturating_sub(before);
    }

    /// A buffer is not in use any more.
    pub(super) fn give_back(&mut self, mut buffer: Vec<u8>) {
        self.used = self.used.saturating_sub(buffer.capacity());
        if self.used + self.free_bytes + buffer.capacity() <= self.limit {
            self.free_bytes += buffer.capacity();
            buffer.clear();
            self.free.push(buffer);
        }
    }

    /// What was in use is gone, and its memory with it.
    pub(super) fn gone(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
    }
}
