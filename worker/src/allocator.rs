//! How glibc's allocator is set for this process, and when it gives memory back.
//!
//! A task's thread allocates the messages of Kafka's client, and the client's thread frees them. With glibc's defaults the
//! small ones among them (headers) wait in lists ("fastbins") that are gone through again whenever a large piece becomes
//! free, and the memory of a transaction goes back to the system after it, only to be fetched for the next one. Without
//! both, a change costs a sixth less, and the process is as large as before (docs/performance.md).
//! Parameters: `man 3 mallopt`.

/// Sets it. To be called before there are other threads; without effect where the C library is another one.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "the allocator is set through C")]
pub fn set() {
    /// Free memory that a heap keeps at its end, and from which size on a piece is the system's again as soon as it is free.
    /// Batches and transactions are below, the largest rows above.
    const KEPT_BYTES: libc::c_int = 32 << 20;
    const LARGE_BYTES: libc::c_int = 4 << 20;
    // SAFETY: `mallopt` takes two integers, refuses what it does not know, and may be called at any time.
    unsafe {
        libc::mallopt(libc::M_MXFAST, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BYTES);
    }
}

/// Does nothing: the C library is not glibc.
#[cfg(not(target_env = "gnu"))]
pub fn set() {}

/// Gives free memory back to the system. For the end of a session: its threads are gone, and what each of their heaps keeps at
/// its end, or has free in between, would stay resident until another thread happens to take that heap over.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "the allocator is asked through C")]
pub(crate) fn give_back() {
    // SAFETY: `malloc_trim` takes a number of bytes to keep, and may be called at any time (`man 3 malloc_trim`).
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Does nothing: the C library is not glibc.
#[cfg(not(target_env = "gnu"))]
pub(crate) fn give_back() {}
