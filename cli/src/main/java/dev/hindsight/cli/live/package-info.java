/**
 * The real {@link dev.hindsight.cli.Workbench}: opens repository, cluster, agents and workers for one call of a verb and
 * closes them after it.
 */
@NullMarked
package dev.hindsight.cli.live;

import org.jspecify.annotations.NullMarked;
