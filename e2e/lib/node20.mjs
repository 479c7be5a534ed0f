// What Better Auth's command for migrations takes for granted, and Node 20 lacks: preloaded into it.
Object.groupBy ??= (items, keyOf) => {
  const groups = Object.create(null);
  for (const item of items) (groups[keyOf(item)] ??= []).push(item);
  return groups;
};
