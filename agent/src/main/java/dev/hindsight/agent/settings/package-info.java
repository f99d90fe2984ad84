/**
 * The strict reader of Hindsight's YAML files, shared by the agent's own file and {@code hindsight.yaml}. A caller asks a
 * {@link dev.hindsight.agent.settings.Settings} section for each key it knows and then calls {@code finish()}, which
 * refuses what was never asked for. Every refusal is a {@link dev.hindsight.model.failure.UsageException} that begins with
 * {@code file:line}. Read on one thread, before anything is started.
 */
@NullMarked
package dev.hindsight.agent.settings;

import org.jspecify.annotations.NullMarked;
