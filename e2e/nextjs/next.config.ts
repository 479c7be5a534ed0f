import type { NextConfig } from "next";

const config: NextConfig = {
  turbopack: { root: import.meta.dirname }, // of several lock files Next.js would take the one further up
  outputFileTracingRoot: import.meta.dirname,
};

export default config;
