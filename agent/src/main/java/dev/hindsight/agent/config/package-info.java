/** {@code agent.yaml}: strict reading into {@link dev.hindsight.agent.config.AgentConfig}. Called once, at start. */
package dev.hindsight.agent.config;
