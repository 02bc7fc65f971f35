//! The allocator of the built-in policies: hands out what comes next and takes nothing back.
//!
//! A policy lives for one call, after which the host clears its memory, so what an allocator for long lives does with what
//! is given back is only cost. What was handed out last can still grow and shrink where it lies, as texts and lists do
//! while they are filled.

#![allow(unsafe_code, reason = "an allocator is an unsafe trait by nature")]

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32;
use std::cell::Cell;
use std::ptr;

const PAGE: usize = 64 * 1024;

/// How many pages the memory grows by at least.
const GROWTH: usize = 2;

struct Arena {
    /// The first address that is free.
    next: Cell<usize>,
    /// The first beyond the memory that it has; 0 before the first allocation.
    end: Cell<usize>,
}

// SAFETY: a policy has no threads; the host does not compile them in.
unsafe impl Sync for Arena {}

#[global_allocator]
static ARENA: Arena = Arena { next: Cell::new(0), end: Cell::new(0) };

impl Arena {
    /// Takes what the linker left free of the first memory, then more of it, and tries again.
    #[cold]
    #[inline(never)]
    fn grow(&self, layout: Layout) -> *mut u8 {
        if self.end.get() == 0 {
            unsafe extern "C" {
                static __heap_base: u8;
            }
            self.next.set((&raw const __heap_base).addr());
            self.end.set(wasm32::memory_size(0).saturating_mul(PAGE));
        } else {
            let Some(bytes) = layout.size().checked_add(layout.align()) else { return ptr::null_mut() };
            let pages = bytes.div_ceil(PAGE).max(GROWTH);
            let before = wasm32::memory_grow(0, pages);
            if before == usize::MAX {
                return ptr::null_mut();
            }
            self.end.set((before + pages).saturating_mul(PAGE));
        }
        // SAFETY: the layout is the caller's.
        unsafe { self.alloc(layout) }
    }
}

// SAFETY: addresses between `next` and `end` are memory of this module beyond its stack and data, which nobody else
// hands out, and `next` only rises but for the shrinking of what was handed out last.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.next.get().next_multiple_of(layout.align());
        match start.checked_add(layout.size()) {
            Some(end) if end <= self.end.get() => {
                self.next.set(end);
                ptr::with_exposed_provenance_mut(start)
            }
            Some(_) => self.grow(layout),
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let start = old.addr();
        let is_last = start + layout.size() == self.next.get();
        if is_last && size <= self.end.get() - start {
            self.next.set(start + size);
            return old;
        }
        if size <= layout.size() {
            return old;
        }
        // SAFETY: the caller vouches that the new size is one for this alignment.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: `old` has so many bytes, and what was handed out anew does not overlap it.
            unsafe { ptr::copy_nonoverlapping(old, new, layout.size()) };
        }
        new
    }
}
