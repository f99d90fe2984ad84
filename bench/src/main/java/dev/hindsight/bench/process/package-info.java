/** What processes used, as the operating system and their own logs tell it: CPU, memory, heap, page cache. Linux only. */
@NullMarked
package dev.hindsight.bench.process;

import org.jspecify.annotations.NullMarked;
