/**
 * Seeded schemas and data that look for trouble. {@link dev.hindsight.testkit.data.AdversarialData} writes through a
 * driver session; the same seed gives the same statements.
 */
@NullMarked
package dev.hindsight.testkit.data;

import org.jspecify.annotations.NullMarked;
