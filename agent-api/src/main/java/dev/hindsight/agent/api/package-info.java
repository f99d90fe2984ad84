/**
 * What an agent says and understands: wire records (JSON by their component names, camelCase) and the client.
 * {@link dev.hindsight.agent.api.AgentClient} is the seam that tests replace.
 */
package dev.hindsight.agent.api;
