/**
 * {@code hindsight.yaml} as records. {@link dev.hindsight.cli.config.HindsightConfig#load} reads it whole and refuses what
 * it does not know; secrets stay references until the moment of use. Key by key in docs/OPERATIONS.md.
 */
@NullMarked
package dev.hindsight.cli.config;

import org.jspecify.annotations.NullMarked;
