/** What is measured on: a real ring with agents beside its nodes, and rows that all replicas hold alike. */
@NullMarked
package dev.hindsight.bench.ring;

import org.jspecify.annotations.NullMarked;
