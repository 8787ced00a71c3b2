<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>ActionBar</name>
    <message>
        <source>‹ Same
(K)</source>
        <translation>‹ 同产品
(K)</translation>
    </message>
    <message>
        <source>Same ›
(J)</source>
        <translation>同产品 ›
(J)</translation>
    </message>
    <message>
        <source>Good part</source>
        <translation>良品</translation>
    </message>
    <message>
        <source>Real defect</source>
        <translation>真缺陷</translation>
    </message>
    <message>
        <source>Unsure</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Teach</source>
        <translation>示教</translation>
    </message>
    <message>
        <source>Former part of the same product (K)</source>
        <translation>同产品的上一件 (K)</translation>
    </message>
    <message>
        <source>Next part of the same product (J)</source>
        <translation>同产品的下一件 (J)</translation>
    </message>
    <message>
        <source>Add to the teaching set (T)</source>
        <translation>加入示教样件 (T)</translation>
    </message>
</context>
<context>
    <name>AgainView</name>
    <message>
        <source>The filter leaves nothing that could be judged again.</source>
        <translation>筛选后没有可复判的记录。</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Judge {n} inspections again with</source>
        <translation>复判 {n} 条检测记录，所用版本</translation>
    </message>
    <message>
        <source>In the background; the line goes on. What is on record stays as it is: only the answers are compared.</source>
        <translation>在后台进行，产线继续运行。已有记录保持不变，只比较判定结果。</translation>
    </message>
    <message>
        <source>{product} · part {number}</source>
        <translation>{product} · 工件 {number}</translation>
    </message>
    <message>
        <source>Go on (A)</source>
        <translation>继续 (A)</translation>
    </message>
    <message>
        <source>Pause (A)</source>
        <translation>暂停 (A)</translation>
    </message>
    <message>
        <source>Comparing…</source>
        <translation>正在比较…</translation>
    </message>
    <message>
        <source>Judges what is chosen, else all that the filter leaves, again with another version, and shows which verdicts change.</source>
        <translation>用另一版本复判已选记录（未选则为筛选出的全部记录），并显示哪些判定会改变。</translation>
    </message>
    <message>
        <source>{model}: {done} of {total}</source>
        <translation>{model}：{done} / {total}</translation>
    </message>
    <message>
        <source> · paused</source>
        <translation> · 已暂停</translation>
    </message>
    <message>
        <source> · {rate:.1f} images/s</source>
        <translation> · {rate:.1f} 幅/秒</translation>
    </message>
    <message>
        <source> · {time} left</source>
        <translation> · 剩余 {time}</translation>
    </message>
    <message>
        <source>{model}: {n} judged again, {flips} with another verdict</source>
        <translation>{model}：已复判 {n} 件，其中 {flips} 件判定改变</translation>
    </message>
    <message>
        <source> · {n} not judged</source>
        <translation> · {n} 件未判定</translation>
    </message>
    <message>
        <source> · of {n} the file is another one now</source>
        <translation> · {n} 件的文件已被更换</translation>
    </message>
    <message>
        <source>False rejects of {n} good: {before} → {after}</source>
        <translation>良品 {n} 件中误剔：{before} → {after}</translation>
    </message>
    <message>
        <source>Escapes of {n} defects: {before} → {after}</source>
        <translation>缺陷件 {n} 件中漏检：{before} → {after}</translation>
    </message>
    <message>
        <source>Judge again… (R)</source>
        <translation>复判… (R)</translation>
    </message>
    <message>
        <source>Cancel (Del)</source>
        <translation>取消 (Del)</translation>
    </message>
</context>
<context>
    <name>Appearance</name>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
</context>
<context>
    <name>Asking</name>
    <message>
        <source>Cancel (Esc)</source>
        <translation>取消 (Esc)</translation>
    </message>
</context>
<context>
    <name>CameraCards</name>
    <message>
        <source>GenTL producer of a camera&apos;s maker</source>
        <translation>相机厂商的 GenTL 驱动 (producer)</translation>
    </message>
    <message>
        <source>GenTL producers (*.cti)</source>
        <translation>GenTL 驱动 (*.cti)</translation>
    </message>
    <message>
        <source>{producer} is asked for cameras from now on.</source>
        <translation>从现在起将通过 {producer} 查找相机。</translation>
    </message>
    <message>
        <source>Start the program with --camera {serial} to use {title}.</source>
        <translation>要使用 {title}，请以 --camera {serial} 启动程序。</translation>
    </message>
    <message>
        <source>Inspection stops for it.</source>
        <translation>检测将为此停止。</translation>
    </message>
    <message>
        <source>The station opens it instead of the present camera, until the program ends; after that, start it with --camera {serial}. Limits were set with the other camera: check them before parts are inspected. {stops}</source>
        <translation>工位将打开它代替当前相机，直到程序结束；之后请以 --camera {serial} 启动程序。限值是用另一台相机设定的，检测工件之前请先核对。{stops}</translation>
    </message>
    <message>
        <source>The station opens it instead of the present camera from now on, at every start: it will be camera {index}. Limits were set with the other camera: check them before parts are inspected. {stops}</source>
        <translation>从现在起，每次启动时工位都改用它代替当前相机：它将是相机 {index}。限值是用另一台相机设定的：检测零件之前请先核对。{stops}</translation>
    </message>
    <message>
        <source>Change to {title}, {serial}?</source>
        <translation>更换为 {title}（{serial}）？</translation>
    </message>
    <message>
        <source>Change to this camera</source>
        <translation>更换为此相机</translation>
    </message>
    <message>
        <source>{title} is in use by another program: close that one, then look again.</source>
        <translation>{title} 正被其他程序占用：请关闭该程序，然后重新查找。</translation>
    </message>
    <message>
        <source>{title} is another camera of this station.</source>
        <translation>{title} 是本工位的另一台相机。</translation>
    </message>
    <message>
        <source>Looking for cameras…</source>
        <translation>正在查找相机…</translation>
    </message>
    <message>
        <source>No other camera was found.</source>
        <translation>未找到其他相机。</translation>
    </message>
    <message>
        <source>No camera was found: check cable and power, then look again.</source>
        <translation>未找到相机：请检查线缆和电源，然后重新查找。</translation>
    </message>
    <message>
        <source>lost; opened again as soon as it is back</source>
        <translation>已断开；恢复后自动打开</translation>
    </message>
    <message>
        <source>in use here</source>
        <translation>本工位使用中</translation>
    </message>
    <message>
        <source>free · tap to use it</source>
        <translation>空闲 · 点按使用</translation>
    </message>
    <message>
        <source>another camera of this station</source>
        <translation>本工位的另一台相机</translation>
    </message>
    <message>
        <source>in use by another program · tap for more</source>
        <translation>被其他程序占用 · 点按查看</translation>
    </message>
    <message>
        <source>cannot be used · tap for the reason</source>
        <translation>无法使用 · 点按查看原因</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>Look
again (B)</source>
        <translation>重新查找
(B)</translation>
    </message>
    <message>
        <source>Add
producer… (G)</source>
        <translation>添加
驱动… (G)</translation>
    </message>
</context>
<context>
    <name>CameraQuestion</name>
    <message>
        <source>Another camera answers. Use it from now on?</source>
        <translation>应答的是另一台相机。今后使用它吗？</translation>
    </message>
    <message>
        <source>Camera {index} was {former}; now {found} answers. Limits, light and focus were set with the former one.</source>
        <translation>相机 {index} 原为 {former}，现在应答的是 {found}。限值、光照和对焦都是用原相机设定的。</translation>
    </message>
    <message>
        <source>Camera {n}: another one answers. Use it from now on?</source>
        <translation>相机 {n}：现在应答的是另一台相机。从现在起使用它吗？</translation>
    </message>
    <message>
        <source>It was {former}, by --camera {index}; now {found} answers. Limits, light and focus were set with the former one.</source>
        <translation>原来是 {former} (--camera {index})，现在应答的是 {found}。限值、照明和对焦是用原来的相机设定的。</translation>
    </message>
    <message>
        <source>Use {camera}</source>
        <translation>使用 {camera}</translation>
    </message>
    <message>
        <source>{name}, serial {serial}</source>
        <translation>{name}（序列号 {serial}）</translation>
    </message>
</context>
<context>
    <name>CameraTile</name>
    <message>
        <source>Score {n} · limit 50</source>
        <translation>分数 {n} · 限值 50</translation>
    </message>
    <message>
        <source>Collecting parts of {title}; nothing is inspected</source>
        <translation>正在收集“{title}”的样件，未进行检测</translation>
    </message>
    <message>
        <source>Live view; nothing is inspected</source>
        <translation>实时预览，未进行检测</translation>
    </message>
    <message>
        <source>Waiting for the first part</source>
        <translation>等待第一个工件</translation>
    </message>
    <message>
        <source>Waiting for a trigger for {n} s</source>
        <translation>等待触发已 {n} 秒</translation>
    </message>
    <message>
        <source>No decision for {n} s</source>
        <translation>已有 {n} 秒没有判定</translation>
    </message>
    <message>
        <source>CAMERA LOST</source>
        <translation>相机断开</translation>
    </message>
    <message>
        <source>INSPECTION FAILED</source>
        <translation>检测故障</translation>
    </message>
    <message>
        <source>NOTHING IS INSPECTED</source>
        <translation>未进行检测</translation>
    </message>
    <message>
        <source>No image yet</source>
        <translation>尚无图像</translation>
    </message>
    <message>
        <source>Part {number} has no image</source>
        <translation>工件 {number} 没有图像</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Camera {n} ({key})</source>
        <translation>相机 {n} ({key})</translation>
    </message>
</context>
<context>
    <name>ChallengeView</name>
    <message>
        <source>No program can be started: {why}</source>
        <translation>无法启动程序：{why}</translation>
    </message>
    <message>
        <source>Folder of good parts</source>
        <translation>良品文件夹</translation>
    </message>
    <message>
        <source>Folder of defective parts</source>
        <translation>缺陷件文件夹</translation>
    </message>
    <message>
        <source>good</source>
        <translation>良品</translation>
    </message>
    <message>
        <source>defect</source>
        <translation>缺陷件</translation>
    </message>
    <message>
        <source>CHALLENGE SET · KEPT PARTS THAT EVERY MODEL HAS TO JUDGE RIGHT</source>
        <translation>挑战样件集 · 每个模型都必须判对的留存件</translation>
    </message>
    <message>
        <source>Add good parts… (O)</source>
        <translation>添加良品… (O)</translation>
    </message>
    <message>
        <source>Add defects… (B)</source>
        <translation>添加缺陷件… (B)</translation>
    </message>
    <message>
        <source>Remove {n} (Del)</source>
        <translation>移除 {n} 件 (Del)</translation>
    </message>
    <message>
        <source>Remove (Del)</source>
        <translation>移除 (Del)</translation>
    </message>
    <message>
        <source>Replaying…</source>
        <translation>正在复测…</translation>
    </message>
    <message>
        <source>Replay now (S)</source>
        <translation>立即复测 (S)</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>{good} good parts and {bad} defects. They are replayed on demand, at the start of a shift and before another version goes live.</source>
        <translation>良品 {good} 件，缺陷件 {bad} 件。可随时复测，每班开始时以及其他版本上线之前也会复测。</translation>
    </message>
    <message>
        <source>There are no challenge images yet. Keep some good parts, and one or more of every kind of defect: then nobody has to trust a model that was never tried.</source>
        <translation>还没有挑战样件。请留存若干良品，并且每类缺陷至少留存一件，这样就不必信任未经验证的模型。</translation>
    </message>
    <message>
        <source>{sign} {when} · {model} · {right} of {n} right · {who}</source>
        <translation>{sign} {when} · {model} · {n} 件中判对 {right} 件 · {who}</translation>
    </message>
</context>
<context>
    <name>CheckTable</name>
    <message>
        <source>product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>kept parts</source>
        <translation>留存件</translation>
    </message>
    <message>
        <source>false rejects</source>
        <translation>误剔率</translation>
    </message>
    <message>
        <source>AUROC</source>
        <translation>AUROC</translation>
    </message>
    <message>
        <source>challenge wrong</source>
        <translation>挑战误判</translation>
    </message>
    <message>
        <source>{product} · new</source>
        <translation>{product} · 新</translation>
    </message>
    <message>
        <source>{product} · taught anew</source>
        <translation>{product} · 重新示教</translation>
    </message>
    <message>
        <source>✕ worse</source>
        <translation>✕ 变差</translation>
    </message>
</context>
<context>
    <name>ChoiceEditor</name>
    <message>
        <source>{now} · choose one of {n} ▾</source>
        <translation>{now} · 共 {n} 项，点按选择 ▾</translation>
    </message>
</context>
<context>
    <name>CodeChoice</name>
    <message>
        <source>No product has the code “{code}”; the station goes on with {product}. A process engineer can give a product its code under Teach, Product.</source>
        <translation>没有产品使用条码“{code}”，工位继续检测“{product}”。工艺工程师可在“示教”页的“产品”中为产品登记条码。</translation>
    </message>
    <message>
        <source>The code is of “{other}”, which the model does not know yet; the station goes on with {product}.</source>
        <translation>该条码属于“{other}”，模型尚不认识它，工位继续检测“{product}”。</translation>
    </message>
</context>
<context>
    <name>CodeList</name>
    <message>
        <source>Remove the code {code}</source>
        <translation>移除条码 {code}</translation>
    </message>
    <message>
        <source>scan or type</source>
        <translation>扫描或输入</translation>
    </message>
    <message>
        <source>Add the code</source>
        <translation>添加条码</translation>
    </message>
</context>
<context>
    <name>CollectControl</name>
    <message>
        <source>Inspection goes on meanwhile.</source>
        <translation>收集期间检测继续进行。</translation>
    </message>
    <message>
        <source>The station inspects “{product}”. While parts of “{other}” are collected nothing is inspected.</source>
        <translation>工位正在检测“{product}”。收集“{other}”的样件期间不进行检测。</translation>
    </message>
    <message>
        <source>Which frames are good parts?</source>
        <translation>哪些图像是良品？</translation>
    </message>
    <message>
        <source>Every frame</source>
        <translation>每一帧</translation>
    </message>
    <message>
        <source>Every second frame</source>
        <translation>每 2 帧取 1 帧</translation>
    </message>
    <message>
        <source>Every tenth frame</source>
        <translation>每 10 帧取 1 帧</translation>
    </message>
    <message>
        <source>Every triggered frame</source>
        <translation>每次触发的帧</translation>
    </message>
    <message>
        <source>Those I tap on</source>
        <translation>由我逐件点选</translation>
    </message>
</context>
<context>
    <name>CollectWords</name>
    <message>
        <source>The camera gives no frames now: {state}.</source>
        <translation>相机当前不出图：{state}。</translation>
    </message>
    <message>
        <source>Preparing the checks…</source>
        <translation>正在准备检查…</translation>
    </message>
    <message>
        <source>✓ Taken in: part {id}.</source>
        <translation>✓ 已采纳：样件 {id}。</translation>
    </message>
    <message>
        <source>△ Set aside for a look: {doubts}</source>
        <translation>△ 存疑，待查看：{doubts}</translation>
    </message>
    <message>
        <source>{n} were there already.</source>
        <translation>{n} 件已存在。</translation>
    </message>
    <message>
        <source>{n} were not taken, as the checks were busy.</source>
        <translation>{n} 件因检查繁忙未收集。</translation>
    </message>
</context>
<context>
    <name>CommandEditor</name>
    <message>
        <source>Execute “{name}”</source>
        <translation>执行“{name}”</translation>
    </message>
</context>
<context>
    <name>Controls</name>
    <message>
        <source>Stop
(Space)</source>
        <translation>停止
(空格)</translation>
    </message>
    <message>
        <source>Stop inspection (Space)</source>
        <translation>停止检测 (空格)</translation>
    </message>
    <message>
        <source>Stop collecting (Space)</source>
        <translation>停止收集 (空格)</translation>
    </message>
    <message>
        <source>Start
(Space)</source>
        <translation>开始
(空格)</translation>
    </message>
    <message>
        <source>Start inspection (Space)</source>
        <translation>开始检测 (空格)</translation>
    </message>
    <message>
        <source>Trigger
(T)</source>
        <translation>触发
(T)</translation>
    </message>
</context>
<context>
    <name>CoverageWords</name>
    <message>
        <source>{parts} parts: {least} are the least ({to_least} more), {advised} or more are advised.</source>
        <translation>已有 {parts} 件：至少 {least} 件（还差 {to_least} 件），建议 {advised} 件以上。</translation>
    </message>
    <message>
        <source>Enough to begin; {advised} or more are advised: {more} more.</source>
        <translation>已可开始；建议 {advised} 件以上，还差 {more} 件。</translation>
    </message>
    <message>
        <source>All parts look the same; show different parts, not one part again and again.</source>
        <translation>所有样件看起来都一样；请放不同的工件，不要反复放同一件。</translation>
    </message>
    <message>
        <source>The last {last} parts added nothing new; show other batches, positions and days, or stop here.</source>
        <translation>最近 {last} 件没有带来新的差异；请换批次、位置和日期，或就此停止。</translation>
    </message>
    <message>
        <source>Only one brightness so far; if the light changes on the line, collect in the darkest and the brightest light, too.</source>
        <translation>目前只有一种亮度；若产线光照会变化，请在最暗和最亮时也收集。</translation>
    </message>
</context>
<context>
    <name>Drift</name>
    <message>
        <source>anomaly score</source>
        <translation>分数</translation>
    </message>
    <message>
        <source>brightness</source>
        <translation>亮度</translation>
    </message>
    <message>
        <source>sharpness</source>
        <translation>清晰度</translation>
    </message>
    <message>
        <source>Drift: scores are {n} σ higher since part {part} ({time}). Look at light, focus and material.</source>
        <translation>漂移：自工件 {part}（{time}）起分数偏高 {n} σ。请检查光照、对焦和材料。</translation>
    </message>
    <message>
        <source>Drift is over: scores were {n} σ higher {span}.</source>
        <translation>漂移已结束：{span}分数偏高 {n} σ。</translation>
    </message>
    <message>
        <source>Drift: scores are {n} σ lower since part {part} ({time}). Look whether defects would still be found.</source>
        <translation>漂移：自工件 {part}（{time}）起分数偏低 {n} σ。请确认缺陷是否仍能检出。</translation>
    </message>
    <message>
        <source>Drift is over: scores were {n} σ lower {span}.</source>
        <translation>漂移已结束：{span}分数偏低 {n} σ。</translation>
    </message>
    <message>
        <source>Drift: the image is {n} σ brighter since part {part} ({time}). Look at light and exposure.</source>
        <translation>漂移：自工件 {part}（{time}）起图像偏亮 {n} σ。请检查光照和曝光。</translation>
    </message>
    <message>
        <source>Drift is over: the image was {n} σ brighter {span}.</source>
        <translation>漂移已结束：{span}图像偏亮 {n} σ。</translation>
    </message>
    <message>
        <source>Drift: the image is {n} σ darker since part {part} ({time}). Look at light, lens and exposure.</source>
        <translation>漂移：自工件 {part}（{time}）起图像偏暗 {n} σ。请检查光照、镜头和曝光。</translation>
    </message>
    <message>
        <source>Drift is over: the image was {n} σ darker {span}.</source>
        <translation>漂移已结束：{span}图像偏暗 {n} σ。</translation>
    </message>
    <message>
        <source>Drift: the image is {n} σ sharper since part {part} ({time}). Look at focus and material.</source>
        <translation>漂移：自工件 {part}（{time}）起清晰度偏高 {n} σ。请检查对焦和材料。</translation>
    </message>
    <message>
        <source>Drift is over: the image was {n} σ sharper {span}.</source>
        <translation>漂移已结束：{span}清晰度偏高 {n} σ。</translation>
    </message>
    <message>
        <source>Drift: the image is {n} σ less sharp since part {part} ({time}). Clean the lens, look at focus and vibration.</source>
        <translation>漂移：自工件 {part}（{time}）起清晰度偏低 {n} σ。请清洁镜头，检查对焦和振动。</translation>
    </message>
    <message>
        <source>Drift is over: the image was {n} σ less sharp {span}.</source>
        <translation>漂移已结束：{span}清晰度偏低 {n} σ。</translation>
    </message>
    <message>
        <source>{n} calibration parts</source>
        <translation>{n} 件标定样件</translation>
    </message>
    <message>
        <source>{n} calibration parts (summary)</source>
        <translation>{n} 件标定样件（统计值）</translation>
    </message>
    <message>
        <source>{n} parts at teaching</source>
        <translation>示教 {n} 件</translation>
    </message>
    <message>
        <source>the first {n} accepted parts</source>
        <translation>前 {n} 件合格</translation>
    </message>
    <message>
        <source>since part {part} ({time})</source>
        <translation>自工件 {part}（{time}）起</translation>
    </message>
    <message>
        <source>from part {part} ({time}) to part {last} ({end})</source>
        <translation>工件 {part}–{last}（{time}–{end}）</translation>
    </message>
    <message>
        <source>△ {n} σ higher {span}</source>
        <translation>△ 偏高 {n} σ {span}</translation>
    </message>
    <message>
        <source>△ {n} σ lower {span}</source>
        <translation>△ 偏低 {n} σ {span}</translation>
    </message>
    <message>
        <source>no baseline yet: {n} of {all} parts</source>
        <translation>无基准：{n}/{all} 件</translation>
    </message>
    <message>
        <source>baseline: {parts}</source>
        <translation>基准：{parts}</translation>
    </message>
</context>
<context>
    <name>Exporting</name>
    <message>
        <source>An export is running</source>
        <translation>正在导出</translation>
    </message>
    <message>
        <source>End it</source>
        <translation>终止导出</translation>
    </message>
    <message>
        <source>Export {n} inspections</source>
        <translation>导出 {n} 条检测记录</translation>
    </message>
    <message>
        <source>Several that are chosen, else all that the filter leaves.</source>
        <translation>已选多条时导出所选记录，否则导出筛选出的全部记录。</translation>
    </message>
    <message>
        <source>Another folder…</source>
        <translation>其他文件夹…</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>导出到</translation>
    </message>
    <message>
        <source>Nothing was exported to {folder}: {problem}</source>
        <translation>未能导出到 {folder}：{problem}</translation>
    </message>
    <message>
        <source>Preparing the report…</source>
        <translation>正在生成报告…</translation>
    </message>
    <message>
        <source>{n} pages were handed to the printer</source>
        <translation>已将 {n} 页送往打印机</translation>
    </message>
    <message>
        <source>Exporting {done} of {total}</source>
        <translation>正在导出 {done} / {total}</translation>
    </message>
    <message>
        <source>Exported: {file}</source>
        <translation>已导出：{file}</translation>
    </message>
    <message>
        <source>{n} images are missing or damaged in the export. {first}</source>
        <translation>导出内容中有 {n} 幅图像缺失或损坏。{first}</translation>
    </message>
    <message>
        <source>The export was ended; no file is left of it</source>
        <translation>导出已终止，未留下任何文件</translation>
    </message>
</context>
<context>
    <name>Facts</name>
    <message>
        <source>{verdict} · {score} (limits {accept} and 50)</source>
        <translation>{verdict} · {score}（限值 {accept} 和 50）</translation>
    </message>
    <message>
        <source>{verdict} · {score} (limit 50)</source>
        <translation>{verdict} · {score}（限值 50）</translation>
    </message>
    <message>
        <source>Largest region {size} at ({x}, {y})</source>
        <translation>最大区域 {size}，位于 ({x}, {y})</translation>
    </message>
    <message>
        <source> · {n} more</source>
        <translation> · 另有 {n} 处</translation>
    </message>
    <message>
        <source>frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>limit</source>
        <translation>限值</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>工件</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Raw score</source>
        <translation>原始距离</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Model SHA-256</source>
        <translation>模型 SHA-256</translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation>运行后端</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>工位</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>操作员</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Brightness</source>
        <translation>亮度</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>软件</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>(the file differs)</source>
        <translation>（文件不一致）</translation>
    </message>
    <message>
        <source>Image SHA-256</source>
        <translation>图像 SHA-256</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>undone: {label}</source>
        <translation>已撤销：{label}</translation>
    </message>
</context>
<context>
    <name>FactsCard</name>
    <message>
        <source>Label: {label}</source>
        <translation>标签：{label}</translation>
    </message>
    <message>
        <source>Region {n} · {size}
peak {peak} · at ({x}, {y})</source>
        <translation>区域 {n} · {size}
峰值 {peak} · 位于 ({x}, {y})</translation>
    </message>
    <message>
        <source>Copy (C)</source>
        <translation>复制 (C)</translation>
    </message>
    <message>
        <source>Labels (H)</source>
        <translation>标签记录 (H)</translation>
    </message>
</context>
<context>
    <name>FeatureDelegate</name>
    <message>
        <source>Execute</source>
        <translation>执行</translation>
    </message>
    <message>
        <source>On</source>
        <translation>开</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>writing…</source>
        <translation>正在写入…</translation>
    </message>
    <message>
        <source>reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>taught {value}</source>
        <translation>示教时 {value}</translation>
    </message>
    <message>
        <source>stop to change</source>
        <translation>停止后可更改</translation>
    </message>
    <message>
        <source>not available with the present settings</source>
        <translation>当前设置下不可用</translation>
    </message>
    <message>
        <source>read only</source>
        <translation>只读</translation>
    </message>
</context>
<context>
    <name>FeaturePanel</name>
    <message>
        <source>Stop inspection?</source>
        <translation>停止检测？</translation>
    </message>
    <message>
        <source>The camera takes this setting only while it stands still. Nothing is inspected until inspection is started again (Space).</source>
        <translation>相机只有在停止采集时才接受此参数。重新开始检测（空格）之前不进行检测。</translation>
    </message>
    <message>
        <source>Stop inspection</source>
        <translation>停止检测</translation>
    </message>
    <message>
        <source>Tap a feature to see what it is and to change it.</source>
        <translation>点按参数可查看说明并更改。</translation>
    </message>
    <message>
        <source>No camera is open. Start inspection (Space) or the live view (W) to open it.</source>
        <translation>相机尚未打开。请开始检测（空格）或启动实时预览 (W)，相机即会打开。</translation>
    </message>
    <message>
        <source>{name} has no features: its images come from files.</source>
        <translation>{name} 没有参数：图像来自文件。</translation>
    </message>
    <message>
        <source>Reading the features of the camera…</source>
        <translation>正在读取相机参数…</translation>
    </message>
    <message>
        <source>The features come back by themselves as soon as the camera does.</source>
        <translation>相机恢复后，参数会自动重新显示。</translation>
    </message>
    <message>
        <source>Start the live view (W) or inspection (Space) to open it again.</source>
        <translation>请启动实时预览 (W) 或开始检测（空格）以重新打开相机。</translation>
    </message>
    <message>
        <source>No feature has a star yet. Press ★ (A) and tap the star of some.</source>
        <translation>还没有星标参数。请按 ★ (A) 显示全部参数，再点按所需参数的星标。</translation>
    </message>
    <message>
        <source>Nothing found here, but {n} among all: choose Guru (E).</source>
        <translation>此级别中未找到，全部参数中有 {n} 项：请选择“大师”(E)。</translation>
    </message>
    <message>
        <source>No feature of this camera is called that.</source>
        <translation>该相机没有此名称的参数。</translation>
    </message>
    <message>
        <source>{n} of {all}</source>
        <translation>{n} / {all}</translation>
    </message>
    <message>
        <source>{n} unlike the product&apos;s</source>
        <translation>{n} 项与产品参数不同</translation>
    </message>
    <message>
        <source>FEATURES</source>
        <translation>相机参数</translation>
    </message>
    <message>
        <source>Search (F)</source>
        <translation>搜索 (F)</translation>
    </message>
    <message>
        <source>★ only
(A)</source>
        <translation>仅 ★
(A)</translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>focus</source>
        <translation>对焦</translation>
    </message>
    <message>
        <source>focus · best {n}</source>
        <translation>对焦 · 最佳 {n}</translation>
    </message>
    <message>
        <source>{n} % of the best</source>
        <translation>最佳值的 {n} %</translation>
    </message>
    <message>
        <source>at full scale</source>
        <translation>饱和像素</translation>
    </message>
    <message>
        <source>at full scale (red)</source>
        <translation>饱和像素（红色）</translation>
    </message>
    <message>
        <source>{n} black</source>
        <translation>全黑像素 {n}</translation>
    </message>
    <message>
        <source>{n} frames/s</source>
        <translation>{n} 帧/秒</translation>
    </message>
    <message>
        <source>{n} incomplete · {m} skipped ids</source>
        <translation>不完整帧 {n} · 缺失帧 {m}</translation>
    </message>
    <message>
        <source>{n} passed over</source>
        <translation>跳过 {n}</translation>
    </message>
    <message>
        <source>Reset
best (R)</source>
        <translation>重置最佳
(R)</translation>
    </message>
</context>
<context>
    <name>FilmStrip</name>
    <message>
        <source>LAST REJECTS</source>
        <translation>最近剔除件</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>暂无</translation>
    </message>
</context>
<context>
    <name>FilterChoices</name>
    <message>
        <source>All products</source>
        <translation>全部产品</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>All cameras</source>
        <translation>全部相机</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>排序</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>全部模型</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Simulated or not</source>
        <translation>是否模拟</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>Part of a file name, a note, a sentence, an operator&apos;s name, or a camera&apos;s name or serial number; or the number of a frame.</source>
        <translation>文件名、备注、说明、操作员姓名、相机名称或序列号的一部分，或帧号。</translation>
    </message>
    <message>
        <source>since {time}</source>
        <translation>自 {time} 起</translation>
    </message>
    <message>
        <source>until {time}</source>
        <translation>至 {time}</translation>
    </message>
    <message>
        <source>Product (B)</source>
        <translation>产品 (B)</translation>
    </message>
    <message>
        <source>Camera (F6)</source>
        <translation>相机 (F6)</translation>
    </message>
    <message>
        <source>Time (I)</source>
        <translation>时间 (I)</translation>
    </message>
    <message>
        <source>Order (S)</source>
        <translation>排序 (S)</translation>
    </message>
    <message>
        <source>Model (O)</source>
        <translation>模型 (O)</translation>
    </message>
    <message>
        <source>Simulated (Y)</source>
        <translation>模拟 (Y)</translation>
    </message>
    <message>
        <source>Find (F) takes it away</source>
        <translation>查找，按 (F) 清除</translation>
    </message>
    <message>
        <source>Find (F)</source>
        <translation>查找 (F)</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>This shift</source>
        <translation>本班</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>Shift {begin} – {end}</source>
        <translation>班次 {begin} – {end}</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>最新在前</translation>
    </message>
    <message>
        <source>Oldest first</source>
        <translation>最早在前</translation>
    </message>
    <message>
        <source>Highest score first</source>
        <translation>高分在前</translation>
    </message>
    <message>
        <source>Lowest score first</source>
        <translation>低分在前</translation>
    </message>
    <message>
        <source>Not simulated</source>
        <translation>非模拟</translation>
    </message>
    <message>
        <source>Simulated only</source>
        <translation>仅模拟</translation>
    </message>
    <message>
        <source>{n} cameras</source>
        <translation>{n} 台相机</translation>
    </message>
</context>
<context>
    <name>FilterPanel</name>
    <message>
        <source>disagrees with label</source>
        <translation>与标签不符</translation>
    </message>
    <message>
        <source>with image</source>
        <translation>有图像</translation>
    </message>
    <message>
        <source>SCORE</source>
        <translation>分数</translation>
    </message>
    <message>
        <source>SCORE {low:.0f} TO {high:.0f}</source>
        <translation>分数 {low:.0f} 至 {high:.0f}</translation>
    </message>
    <message>
        <source>FILTER</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Clear (Q)</source>
        <translation>清除 (Q)</translation>
    </message>
</context>
<context>
    <name>GridPage</name>
    <message>
        <source>ALL CAMERAS</source>
        <translation>全部相机</translation>
    </message>
    <message>
        <source>Inspected</source>
        <translation>已检测</translation>
    </message>
    <message>
        <source>Yield</source>
        <translation>合格率</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>剔除</translation>
    </message>
    <message>
        <source>Not inspected</source>
        <translation>未检测</translation>
    </message>
    <message>
        <source>Trigger
all (T)</source>
        <translation>全部触发
(T)</translation>
    </message>
    <message>
        <source>Stop all
(Space)</source>
        <translation>全部停止
(空格)</translation>
    </message>
    <message>
        <source>Start all
(Space)</source>
        <translation>全部开始
(空格)</translation>
    </message>
    <message>
        <source>OK (Esc)</source>
        <translation>确定 (Esc)</translation>
    </message>
</context>
<context>
    <name>HeatmapPanel</name>
    <message>
        <source>Heatmap (H)</source>
        <translation>热力图 (H)</translation>
    </message>
    <message>
        <source>Image (H)</source>
        <translation>原图 (H)</translation>
    </message>
    <message>
        <source>strength {percent} %</source>
        <translation>强度 {percent} %</translation>
    </message>
    <message>
        <source>heatmap off</source>
        <translation>热力图已关闭</translation>
    </message>
    <message>
        <source>limit</source>
        <translation>限值</translation>
    </message>
</context>
<context>
    <name>Histogram</name>
    <message>
        <source>shown 8 of {n} bit</source>
        <translation>显示 {n} 位中的 8 位</translation>
    </message>
    <message>
        <source>8 bit</source>
        <translation>8 位</translation>
    </message>
</context>
<context>
    <name>ImageView</name>
    <message>
        <source>Part {number} · {time}</source>
        <translation>工件 {number} · {time}</translation>
    </message>
</context>
<context>
    <name>InspectPage</name>
    <message>
        <source>Display frozen, {n} new · inspection goes on</source>
        <translation>画面已冻结，新增 {n} 件 · 检测继续进行</translation>
    </message>
    <message>
        <source>No image yet</source>
        <translation>尚无图像</translation>
    </message>
    <message>
        <source>Part {number} has no image</source>
        <translation>工件 {number} 没有图像</translation>
    </message>
    <message>
        <source>Waiting for the first part</source>
        <translation>等待第一个工件</translation>
    </message>
    <message>
        <source>Waiting for a trigger for {n} s</source>
        <translation>等待触发已 {n} 秒</translation>
    </message>
    <message>
        <source>No decision for {n} s</source>
        <translation>已有 {n} 秒没有判定</translation>
    </message>
    <message>
        <source>Inspection is stopped</source>
        <translation>检测已停止</translation>
    </message>
    <message>
        <source>Inspection is starting</source>
        <translation>检测正在启动</translation>
    </message>
    <message>
        <source>Live view; nothing is inspected</source>
        <translation>实时预览，未进行检测</translation>
    </message>
    <message>
        <source>Camera lost; nothing is inspected</source>
        <translation>相机断开，未进行检测</translation>
    </message>
    <message>
        <source>All images are inspected</source>
        <translation>所有图像已检测完毕</translation>
    </message>
    <message>
        <source>Inspection failed; nothing is inspected</source>
        <translation>检测出现故障，未进行检测</translation>
    </message>
    <message>
        <source>Display frozen</source>
        <translation>画面已冻结</translation>
    </message>
    <message>
        <source>Collecting parts of {title}; nothing is inspected</source>
        <translation>正在收集“{title}”的样件，未进行检测</translation>
    </message>
    <message>
        <source>CAMERA LOST</source>
        <translation>相机断开</translation>
    </message>
    <message>
        <source>INSPECTION FAILED</source>
        <translation>检测故障</translation>
    </message>
    <message>
        <source>NOTHING IS INSPECTED</source>
        <translation>未进行检测</translation>
    </message>
    <message>
        <source>Resume (Esc)</source>
        <translation>恢复 (Esc)</translation>
    </message>
    <message>
        <source>OK (Esc)</source>
        <translation>确定 (Esc)</translation>
    </message>
</context>
<context>
    <name>Judging</name>
    <message>
        <source>Judging {done} of {total}</source>
        <translation>正在判定 {done} / {total}</translation>
    </message>
    <message>
        <source>{n} judged</source>
        <translation>已判定 {n} 件</translation>
    </message>
</context>
<context>
    <name>LimitChart</name>
    <message>
        <source>ANOMALY SCORE · 50 = LIMIT IN FORCE, RAW {raw}</source>
        <translation>分数 · 现行限值 50 = 原始 {raw}</translation>
    </message>
    <message>
        <source>■ {n} good parts</source>
        <translation>■ 良品 {n} 件</translation>
    </message>
    <message>
        <source>▲ {n} defects</source>
        <translation>▲ 缺陷件 {n} 件</translation>
    </message>
    <message>
        <source>■ {n} unlabelled</source>
        <translation>■ 无标签 {n} 件</translation>
    </message>
    <message>
        <source>median</source>
        <translation>中位数</translation>
    </message>
    <message>
        <source>largest good part</source>
        <translation>良品最大值</translation>
    </message>
    <message>
        <source>T1 accept</source>
        <translation>T1 合格</translation>
    </message>
    <message>
        <source>T2 reject</source>
        <translation>T2 剔除</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>限值</translation>
    </message>
    <message>
        <source>raw {value}</source>
        <translation>原始 {value}</translation>
    </message>
</context>
<context>
    <name>LimitChoice</name>
    <message>
        <source>WISHED FALSE REJECTS: SETS THE LIMIT</source>
        <translation>期望误剔率：由此设定限值</translation>
    </message>
    <message>
        <source>GOOD PARTS TO REVIEW OR WORSE</source>
        <translation>送复核或被剔除的良品比例</translation>
    </message>
    <message>
        <source>Review band
(B)</source>
        <translation>复核区
(B)</translation>
    </message>
</context>
<context>
    <name>LimitReason</name>
    <message>
        <source>T1 {accept}, T2 {reject}</source>
        <translation>T1 {accept}、T2 {reject}</translation>
    </message>
    <message>
        <source>From {old} to {new} on the present scale. The next version is written and decides from the next part on; the former one stays.</source>
        <translation>按现行刻度，由 {old} 改为 {new}。将写入下一版本，从下一个工件起由它判定；原版本保留。</translation>
    </message>
    <message>
        <source>fewer false rejects</source>
        <translation>减少误剔</translation>
    </message>
    <message>
        <source>a defect was missed</source>
        <translation>有缺陷漏检</translation>
    </message>
    <message>
        <source>new lot or material</source>
        <translation>新批次或新材料</translation>
    </message>
    <message>
        <source>after a trial</source>
        <translation>试验之后</translation>
    </message>
    <message>
        <source>Why are the limits changed?</source>
        <translation>为何更改限值？</translation>
    </message>
    <message>
        <source>The reason is kept in the model and with the activation.</source>
        <translation>原因保存在模型中，并随启用记录保存。</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Why are the limits of “{product}” changed?</source>
        <translation>为何更改“{product}”的限值？</translation>
    </message>
    <message>
        <source>own words…</source>
        <translation>自行填写…</translation>
    </message>
</context>
<context>
    <name>LimitWords</name>
    <message>
        <source>Limit T2, raw</source>
        <translation>T2 限值，原始距离</translation>
    </message>
    <message>
        <source>False rejects</source>
        <translation>误剔</translation>
    </message>
    <message>
        <source>Good, to review</source>
        <translation>良品送复核</translation>
    </message>
    <message>
        <source>Defects escaped</source>
        <translation>漏检</translation>
    </message>
    <message>
        <source>of these, to review</source>
        <translation>其中送复核</translation>
    </message>
    <message>
        <source>Defects caught</source>
        <translation>缺陷检出率</translation>
    </message>
    <message>
        <source>{n} of {all}</source>
        <translation>{n} / {all}</translation>
    </message>
    <message>
        <source>The parts show no differences, so no limit follows from them.</source>
        <translation>样件之间没有差异，无法由此得出限值。</translation>
    </message>
    <message>
        <source>Set by hand; nothing is promised but what these parts show. For {rate} the limit would be {score}.</source>
        <translation>手动设定，只能保证这些样件所显示的结果。若期望 {rate}，限值应为 {score}。</translation>
    </message>
    <message>
        <source>Of fresh good parts like these, {rate} or fewer lie above the limit, on average over such calibrations.</source>
        <translation>对于同类的新良品，按此类标定的平均水平，超过限值的不多于 {rate}。</translation>
    </message>
    <message>
        <source>{n} more</source>
        <translation>另有 {n} 件</translation>
    </message>
    <message>
        <source>{n} good parts look unlike the others (score in brackets); a defect among them loosens the limit. Look at them: {names}</source>
        <translation>{n} 件良品与其他件不同（括号内为分数）；其中若混有缺陷件，限值会变松。请查看：{names}</translation>
    </message>
    <message>
        <source>There are no scores of parts here. The model was calibrated with {n} parts for a false-reject rate of {rate}: median {median}, largest {largest} on this scale. Collect good parts to see what a limit would do.</source>
        <translation>此处没有样件分数。模型以 {n} 件、误剔率 {rate} 标定：按此刻度中位数 {median}，最大值 {largest}。请收集良品，以查看限值的效果。</translation>
    </message>
    <message>
        <source>The limit in force rests on {n} good parts and a wished rate of {rate}.</source>
        <translation>现行限值依据 {n} 件良品和期望误剔率 {rate}。</translation>
    </message>
    <message>
        <source>{n} good parts are too few for {rate}: {more} more are needed. The limit is the largest score seen and promises {promised} at best.</source>
        <translation>{n} 件良品不足以保证 {rate}：还需 {more} 件。限值取已见的最高分，最多只能保证 {promised}。</translation>
    </message>
    <message>
        <source>Cross-validated, {n} of {all} lay above a limit set on the others; {expected} were to be expected.</source>
        <translation>交叉验证：{all} 件中有 {n} 件超过由其余件设定的限值，预期为 {expected} 件。</translation>
    </message>
    <message>
        <source>The parts are not alike from first to last; take parts of all shifts and lots.</source>
        <translation>样件前后不一致；请取各班次、各批次的工件。</translation>
    </message>
    <message>
        <source>Both limits are at the same place, so nothing goes to review.</source>
        <translation>两个限值重合，不会有工件送复核。</translation>
    </message>
</context>
<context>
    <name>LimitsView</name>
    <message>
        <source>Another version of the model became active; its limits are shown, and what was being tried is gone.</source>
        <translation>模型已启用另一版本；现显示其限值，之前的试设已作废。</translation>
    </message>
    <message>
        <source>{version} is active and takes over as soon as it is ready.</source>
        <translation>{version} 已启用，就绪后立即接替。</translation>
    </message>
    <message>
        <source>AUROC {value}</source>
        <translation>AUROC {value}</translation>
    </message>
    <message>
        <source>in force</source>
        <translation>现行</translation>
    </message>
    <message>
        <source>with these lines</source>
        <translation>试设</translation>
    </message>
    <message>
        <source>Scoring {n} parts… {done} done</source>
        <translation>正在为 {n} 件评分… 已完成 {done} 件</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>The model does not know “{product}” yet, so it has no limits; teach it first.</source>
        <translation>模型尚不认识“{product}”，因此没有限值；请先示教。</translation>
    </message>
    <message>
        <source>Revert
(Z)</source>
        <translation>还原
(Z)</translation>
    </message>
    <message>
        <source>Apply… (A)</source>
        <translation>应用… (A)</translation>
    </message>
</context>
<context>
    <name>LivePanel</name>
    <message>
        <source>No image yet</source>
        <translation>尚无图像</translation>
    </message>
    <message>
        <source>COLLECTING FROM THE CAMERA</source>
        <translation>正在从相机收集</translation>
    </message>
    <message>
        <source>Take this part (I)</source>
        <translation>采纳此件 (I)</translation>
    </message>
    <message>
        <source>Stop collecting (C)</source>
        <translation>停止收集 (C)</translation>
    </message>
</context>
<context>
    <name>LossChart</name>
    <message>
        <source>── error on held-out parts of this product {value}</source>
        <translation>── 本产品留出件的误差 {value}</translation>
    </message>
    <message>
        <source>- - on kept parts of the other products {value}</source>
        <translation>- - 其他产品留存件的误差 {value}</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>OK (Esc)</source>
        <translation>确定 (Esc)</translation>
    </message>
</context>
<context>
    <name>NumberEditor</name>
    <message>
        <source>Smaller</source>
        <translation>减小</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>增大</translation>
    </message>
</context>
<context>
    <name>PartPreview</name>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>Back
(Esc)</source>
        <translation>返回
(Esc)</translation>
    </message>
    <message>
        <source>Note
(N)</source>
        <translation>备注
(N)</translation>
    </message>
    <message>
        <source>Defect: keep as
challenge (J)</source>
        <translation>缺陷件：留作
挑战样件 (J)</translation>
    </message>
    <message>
        <source>Take {n} in
(Y)</source>
        <translation>采纳 {n} 件
(Y)</translation>
    </message>
    <message>
        <source>Take in
(Y)</source>
        <translation>采纳
(Y)</translation>
    </message>
    <message>
        <source>Delete {n}
(Del)</source>
        <translation>删除 {n} 件
(Del)</translation>
    </message>
    <message>
        <source>Delete
(Del)</source>
        <translation>删除
(Del)</translation>
    </message>
    <message>
        <source>PART {id} · {width}×{height} · {when}</source>
        <translation>样件 {id} · {width}×{height} · {when}</translation>
    </message>
    <message>
        <source>The checks found nothing.</source>
        <translation>检查未发现问题。</translation>
    </message>
    <message>
        <source>Note: {note}</source>
        <translation>备注：{note}</translation>
    </message>
</context>
<context>
    <name>PartsPanel</name>
    <message>
        <source>1 · COLLECT NORMAL PARTS</source>
        <translation>1 · 收集良品</translation>
    </message>
    <message>
        <source>✓ {n}
taken in</source>
        <translation>✓ {n}
已采纳</translation>
    </message>
    <message>
        <source>△ {n}
doubtful</source>
        <translation>△ {n}
存疑</translation>
    </message>
    <message>
        <source>✕ {n}
deleted</source>
        <translation>✕ {n}
已删除</translation>
    </message>
    <message>
        <source>Doubtful: {reasons}.</source>
        <translation>存疑：{reasons}。</translation>
    </message>
    <message>
        <source>{n} are held out for the limit.</source>
        <translation>{n} 件留出用于设定限值。</translation>
    </message>
    <message>
        <source>Variety covered {share}.</source>
        <translation>差异覆盖率 {share}。</translation>
    </message>
    <message>
        <source>odd sharpness</source>
        <translation>清晰度异常</translation>
    </message>
    <message>
        <source>odd exposure</source>
        <translation>曝光异常</translation>
    </message>
    <message>
        <source>in other light</source>
        <translation>光照不同</translation>
    </message>
    <message>
        <source>of another size</source>
        <translation>尺寸不同</translation>
    </message>
    <message>
        <source>near-duplicates</source>
        <translation>近似重复</translation>
    </message>
    <message>
        <source>look unusual</source>
        <translation>外观异样</translation>
    </message>
    <message>
        <source>not checked</source>
        <translation>未检查</translation>
    </message>
    <message>
        <source>without record</source>
        <translation>无记录</translation>
    </message>
</context>
<context>
    <name>PicturePanel</name>
    <message>
        <source>stopped; the last frame</source>
        <translation>已停止，显示最后一帧</translation>
    </message>
    <message>
        <source>all images were shown; the last frame</source>
        <translation>图像已全部显示，此为最后一帧</translation>
    </message>
    <message>
        <source>parts are collected; the last frame inspected</source>
        <translation>正在收集样件，显示最后检测的一帧</translation>
    </message>
    <message>
        <source>starting; the last frame</source>
        <translation>正在启动，显示最后一帧</translation>
    </message>
    <message>
        <source>camera lost; the last frame</source>
        <translation>相机断开，显示最后一帧</translation>
    </message>
    <message>
        <source>failed; the last frame</source>
        <translation>出现故障，显示最后一帧</translation>
    </message>
    <message>
        <source>Waiting for a trigger (T)</source>
        <translation>等待触发 (T)</translation>
    </message>
    <message>
        <source>Waiting for the first frame</source>
        <translation>等待第一帧</translation>
    </message>
    <message>
        <source>Nothing is inspected. Start the live view (W) to see what the camera sees.</source>
        <translation>未进行检测。启动实时预览 (W) 可查看相机画面。</translation>
    </message>
    <message>
        <source>Stop (W)</source>
        <translation>停止 (W)</translation>
    </message>
    <message>
        <source>Live (W)</source>
        <translation>预览 (W)</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全图</translation>
    </message>
    <message>
        <source>Zoom (Z)
{now}</source>
        <translation>缩放 (Z)
{now}</translation>
    </message>
    <message>
        <source>Marks: full
scale (K)</source>
        <translation>标记：饱和
(K)</translation>
    </message>
    <message>
        <source>Marks: full,
black (K)</source>
        <translation>标记：饱和
全黑 (K)</translation>
    </message>
    <message>
        <source>Marks: none
(K)</source>
        <translation>标记：无
(K)</translation>
    </message>
    <message>
        <source>Cross-hair
(X)</source>
        <translation>十字线
(X)</translation>
    </message>
    <message>
        <source>Trigger (T)</source>
        <translation>触发 (T)</translation>
    </message>
</context>
<context>
    <name>ProductChanges</name>
    <message>
        <source>New product</source>
        <translation>新产品</translation>
    </message>
    <message>
        <source>What the operator calls it; it can be renamed later.</source>
        <translation>操作员所用的名称，以后可以重命名。</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>创建</translation>
    </message>
    <message>
        <source>Copy of {title}</source>
        <translation>“{title}”的副本</translation>
    </message>
    <message>
        <source>It gets the settings and regions as they were saved; parts and codes are not copied.</source>
        <translation>复制已保存的设置和区域；样件和条码不复制。</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Rename {title}</source>
        <translation>重命名“{title}”</translation>
    </message>
    <message>
        <source>What the operator reads; the key {key} stays.</source>
        <translation>操作员看到的名称；标识 {key} 不变。</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Archive {title}?</source>
        <translation>将“{title}”归档？</translation>
    </message>
    <message>
        <source>It is not offered any more. Nothing is deleted; it can be restored here.</source>
        <translation>归档后不再供选择。不删除任何内容，可在此恢复。</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>归档</translation>
    </message>
</context>
<context>
    <name>ProductForm</name>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>“{typed}” is no number; write it like 0.05.</source>
        <translation>“{typed}”不是数字，请按 0.05 的格式填写。</translation>
    </message>
    <message>
        <source>SETTINGS OF {key}</source>
        <translation>{key} 的设置</translation>
    </message>
    <message>
        <source>mm per pixel</source>
        <translation>每像素毫米数</translation>
    </message>
    <message>
        <source>Least area (px)</source>
        <translation>最小面积（像素）</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Title in English</source>
        <translation>英文名称</translation>
    </message>
    <message>
        <source>Title in Chinese</source>
        <translation>中文名称</translation>
    </message>
    <message>
        <source>Codes that a barcode reader gives</source>
        <translation>读码器读出的条码</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Take over from the camera</source>
        <translation>采用相机当前参数</translation>
    </message>
    <message>
        <source>Save (S)</source>
        <translation>保存 (S)</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>放弃</translation>
    </message>
</context>
<context>
    <name>ProductList</name>
    <message>
        <source>in the model</source>
        <translation>模型已认识</translation>
    </message>
    <message>
        <source>not taught yet</source>
        <translation>尚未示教</translation>
    </message>
    <message>
        <source>archived</source>
        <translation>已归档</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>归档</translation>
    </message>
    <message>
        <source>PRODUCTS</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>New…
(N)</source>
        <translation>新建…
(N)</translation>
    </message>
    <message>
        <source>Copy…
(C)</source>
        <translation>复制…
(C)</translation>
    </message>
    <message>
        <source>Rename…
(E)</source>
        <translation>重命名…
(E)</translation>
    </message>
</context>
<context>
    <name>ProductView</name>
    <message>
        <source>There is no image of this product yet. Take in a good part, or start the inspection; then draw the regions here.</source>
        <translation>该产品还没有图像。请采纳一件良品或启动检测，然后在此绘制区域。</translation>
    </message>
    <message>
        <source>Choose a product, or make a new one.</source>
        <translation>请选择产品，或新建产品。</translation>
    </message>
    <message>
        <source>The model knows this product with its former regions and limits. Regions apply after the product is taught or calibrated again.</source>
        <translation>模型按原有的区域和限值认识该产品。新区域在重新示教或标定之后生效。</translation>
    </message>
    <message>
        <source>No camera tells its features now; open one, and start it once.</source>
        <translation>当前没有相机给出参数；请打开相机并启动一次。</translation>
    </message>
    <message>
        <source>Name of the region</source>
        <translation>区域名称</translation>
    </message>
    <message>
        <source>Messages call it by this name.</source>
        <translation>消息中用此名称表示该区域。</translation>
    </message>
    <message>
        <source>Take over</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Save the changes of {title}?</source>
        <translation>保存对“{title}”的更改？</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Discard them</source>
        <translation>放弃更改</translation>
    </message>
</context>
<context>
    <name>RecordDelegate</name>
    <message>
        <source>no image</source>
        <translation>无图像</translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation>无法读取</translation>
    </message>
</context>
<context>
    <name>RecordingButton</name>
    <message>
        <source>Writing…</source>
        <translation>正在写入…</translation>
    </message>
    <message>
        <source>Save last
seconds (F9)</source>
        <translation>保存最近
数秒 (F9)</translation>
    </message>
    <message>
        <source>Save last
{s} s (F9)</source>
        <translation>保存最近
{s} 秒 (F9)</translation>
    </message>
    <message>
        <source>{n} frames</source>
        <translation>{n} 帧</translation>
    </message>
    <message>
        <source>Only GenICam cameras keep raw frames</source>
        <translation>仅 GenICam 相机保留原始帧</translation>
    </message>
</context>
<context>
    <name>RecordingSaver</name>
    <message>
        <source>Raw frames are being saved…</source>
        <translation>正在保存原始帧…</translation>
    </message>
    <message>
        <source>{n} raw frames of {s} s are saved: {name}. Play them with --camera replay:{folder}</source>
        <translation>已保存 {s} 秒内的 {n} 帧原始图像：{name}。回放：--camera replay:{folder}</translation>
    </message>
    <message>
        <source>Newer frames soon replace those in memory: stop (Space), make room, save again (F9).</source>
        <translation>新帧很快会覆盖内存中的帧：请停止 (Space)，腾出空间，再次保存 (F9)。</translation>
    </message>
    <message>
        <source>Camera {n}: {sentence}</source>
        <translation>相机 {n}：{sentence}</translation>
    </message>
    <message>
        <source>The camera is not open yet, so there is nothing to save.</source>
        <translation>相机尚未打开，没有可保存的内容。</translation>
    </message>
    <message>
        <source>There are no raw frames of {source}: only GenICam cameras send them.</source>
        <translation>{source} 没有原始帧：只有 GenICam 相机才发送原始帧。</translation>
    </message>
</context>
<context>
    <name>RegionPanel</name>
    <message>
        <source>REGIONS · DRAW ON THE IMAGE WITH A FINGER</source>
        <translation>检测区域 · 用手指在图像上绘制</translation>
    </message>
    <message>
        <source>Add region
(A)</source>
        <translation>添加区域
(A)</translation>
    </message>
    <message>
        <source>Delete
(X)</source>
        <translation>删除
(X)</translation>
    </message>
    <message>
        <source>Name…
(B)</source>
        <translation>命名…
(B)</translation>
    </message>
    <message>
        <source>Undo
(U)</source>
        <translation>撤销
(U)</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>行数</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>列数</translation>
    </message>
    <message>
        <source>Overlap</source>
        <translation>重叠</translation>
    </message>
    <message>
        <source>Tap a region to change it, or draw another one.</source>
        <translation>点按区域进行更改，或再绘制一个。</translation>
    </message>
    <message>
        <source>Whole frame</source>
        <translation>整幅图像</translation>
    </message>
    <message>
        <source>defects from about {px} px</source>
        <translation>可检缺陷约 {px} px 起</translation>
    </message>
    <message>
        <source>defects from about {px} px = {mm:.2g} mm</source>
        <translation>可检缺陷约 {px} px = {mm:.2g} mm 起</translation>
    </message>
</context>
<context>
    <name>Regions</name>
    <message>
        <source>top left</source>
        <translation>左上</translation>
    </message>
    <message>
        <source>top</source>
        <translation>上方</translation>
    </message>
    <message>
        <source>top right</source>
        <translation>右上</translation>
    </message>
    <message>
        <source>left</source>
        <translation>左侧</translation>
    </message>
    <message>
        <source>middle</source>
        <translation>中部</translation>
    </message>
    <message>
        <source>right</source>
        <translation>右侧</translation>
    </message>
    <message>
        <source>bottom left</source>
        <translation>左下</translation>
    </message>
    <message>
        <source>bottom</source>
        <translation>下方</translation>
    </message>
    <message>
        <source>bottom right</source>
        <translation>右下</translation>
    </message>
    <message>
        <source>small</source>
        <translation>小</translation>
    </message>
    <message>
        <source>medium</source>
        <translation>中</translation>
    </message>
    <message>
        <source>large</source>
        <translation>大</translation>
    </message>
    <message>
        <source>line</source>
        <translation>线状</translation>
    </message>
    <message>
        <source>spot</source>
        <translation>点状</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>Scores</source>
        <translation>分数</translation>
    </message>
    <message>
        <source>A dot is a part, in the order of time; blue passed, red failed, amber needs review, purple on the lower edge had no score. The line is the moving average (EWMA, weight 0.2, of the logarithm) of the parts that passed.</source>
        <translation>每个点为一个工件，按时间排列；蓝色为合格，红色为不合格，琥珀色为待复核，下缘紫色为无分数。曲线为合格件的移动平均（分数对数的 EWMA，权重 0.2）。</translation>
    </message>
    <message>
        <source>{n} older parts are not drawn</source>
        <translation>另有 {n} 件较早的工件未画出</translation>
    </message>
    <message>
        <source>reject limit</source>
        <translation>剔除限</translation>
    </message>
    <message>
        <source>{n} more products have no chart here.</source>
        <translation>另有 {n} 种产品未在此绘图。</translation>
    </message>
    <message>
        <source>Drift of scores, light and focus</source>
        <translation>分数、光照与对焦的漂移</translation>
    </message>
    <message>
        <source>Parts of several cameras are together here, too: what only one of them shows may be missed, and a difference between them be taken for a drift.</source>
        <translation>这里也混有多台相机的零件：只有其中一台显示的变化可能被漏掉，相机之间的差异也可能被当作漂移。</translation>
    </message>
    <message>
        <source>No drift in this period, as far as there were parts enough to compare with.</source>
        <translation>在有足够工件可供比较的范围内，本时段没有漂移。</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>What</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>起始</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>结束</translation>
    </message>
    <message>
        <source>Mean shift</source>
        <translation>平均偏移</translation>
    </message>
    <message>
        <source>Parts</source>
        <translation>件数</translation>
    </message>
    <message>
        <source>{n} shorter ones are not shown.</source>
        <translation>另有 {n} 次较短的漂移未列出。</translation>
    </message>
    <message>
        <source>σ is the spread of single parts. A drift is no reject: it says that something changed.</source>
        <translation>σ 为单件的离散程度。漂移不等于不合格，只表示情况有变化。</translation>
    </message>
    <message>
        <source>{n} σ higher</source>
        <translation>偏高 {n} σ</translation>
    </message>
    <message>
        <source>{n} σ lower</source>
        <translation>偏低 {n} σ</translation>
    </message>
    <message>
        <source>goes on</source>
        <translation>仍在持续</translation>
    </message>
    <message>
        <source>Where and how large: regions of rejects</source>
        <translation>缺陷分布与大小：剔除件的异常区域</translation>
    </message>
    <message>
        <source>Position in the frame</source>
        <translation>图像中的位置</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Number of regions; the percentages add up from the most frequent on. Sizes are shares of the frame.</source>
        <translation>数字为区域个数；百分比从最多的一类起累计（帕累托图）。大小为占整幅图像的比例。</translation>
    </message>
    <message>
        <source>Times</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>shortest {low} s, mean {mean} s, longest {high} s</source>
        <translation>最短 {low} 秒，平均 {mean} 秒，最长 {high} 秒</translation>
    </message>
    <message>
        <source>{n} pauses of more than a minute are left out</source>
        <translation>不计 {n} 次超过一分钟的停顿</translation>
    </message>
    <message>
        <source>Between two parts</source>
        <translation>两件间隔</translation>
    </message>
    <message>
        <source>mean {mean} ms, longest {high} ms</source>
        <translation>平均 {mean} ms，最长 {high} ms</translation>
    </message>
    <message>
        <source>Reception to decision</source>
        <translation>从收图到判定</translation>
    </message>
    <message>
        <source>Report (PDF)</source>
        <translation>报告 (PDF)</translation>
    </message>
    <message>
        <source>Table for Excel (CSV)</source>
        <translation>Excel 表格 (CSV)</translation>
    </message>
    <message>
        <source>For programs (JSON lines)</source>
        <translation>供程序使用 (JSON lines)</translation>
    </message>
    <message>
        <source>Images and records (zip)</source>
        <translation>图像与记录 (zip)</translation>
    </message>
    <message>
        <source>Print the report</source>
        <translation>打印报告</translation>
    </message>
    <message>
        <source>The chosen parts</source>
        <translation>所选工件</translation>
    </message>
    <message>
        <source>Rejects and parts to review</source>
        <translation>剔除件与待复核件</translation>
    </message>
    <message>
        <source>image measured, boxes and heatmap computed</source>
        <translation>图像为实测，方框与热力图为计算所得</translation>
    </message>
    <message>
        <source>{shown} of {total} are shown, the highest scores first; {more} more are not.</source>
        <translation>共 {total} 件，列出 {shown} 件，高分在前；另有 {more} 件未列出。</translation>
    </message>
    <message>
        <source>All {total} are shown, the highest scores first.</source>
        <translation>全部 {total} 件均已列出，高分在前。</translation>
    </message>
    <message>
        <source>Heatmaps have one fixed scale: the reject limit is in its middle.</source>
        <translation>热力图采用统一的固定色标，剔除限位于正中。</translation>
    </message>
    <message>
        <source>Part {number} · record {id}</source>
        <translation>工件 {number} · 记录 {id}</translation>
    </message>
    <message>
        <source>1 region, {area} at ({x}, {y})</source>
        <translation>1 个区域，{area}，位于 ({x}, {y})</translation>
    </message>
    <message>
        <source>{n} regions, largest {area} at ({x}, {y})</source>
        <translation>{n} 个区域，最大 {area}，位于 ({x}, {y})</translation>
    </message>
    <message>
        <source>SIMULATED</source>
        <translation>模拟</translation>
    </message>
    <message>
        <source>No heatmap was kept.</source>
        <translation>未保存热力图。</translation>
    </message>
    <message>
        <source>The image is too large to be drawn here.</source>
        <translation>图像过大，无法在此绘出。</translation>
    </message>
    <message>
        <source>The image cannot be read; the file may be cut off.</source>
        <translation>图像无法读取，文件可能不完整。</translation>
    </message>
    <message>
        <source>No image was kept of this part.</source>
        <translation>未保存该工件的图像。</translation>
    </message>
    <message>
        <source>The image was removed when its time was over.</source>
        <translation>图像保存期已满，已删除。</translation>
    </message>
    <message>
        <source>The image could not be stored.</source>
        <translation>图像未能保存。</translation>
    </message>
    <message>
        <source>The image is missing; it should be in the records.</source>
        <translation>图像缺失；记录中本应有此图像。</translation>
    </message>
    <message>
        <source>The image is not as it was stored: its hash differs.</source>
        <translation>图像与保存时不一致：哈希值不同。</translation>
    </message>
    <message>
        <source>The image cannot be read.</source>
        <translation>图像无法读取。</translation>
    </message>
    <message>
        <source>{program} · made {when} by {who} · {database}</source>
        <translation>{program} · {who} 于 {when} 生成 · {database}</translation>
    </message>
    <message>
        <source>audit trail: entry {n}, {sha256}</source>
        <translation>审计记录：第 {n} 条，{sha256}</translation>
    </message>
    <message>
        <source>Page {page} of {pages}</source>
        <translation>第 {page} 页，共 {pages} 页</translation>
    </message>
    <message>
        <source>This computer knows no printer; set one up, or save the report as PDF.</source>
        <translation>本机没有打印机；请安装打印机，或将报告存为 PDF。</translation>
    </message>
    <message>
        <source>Shift report</source>
        <translation>班次报告</translation>
    </message>
    <message>
        <source>Inspection report</source>
        <translation>检测报告</translation>
    </message>
    <message>
        <source>SIMULATED: {n} of {total} parts were shown by the simulated camera. These figures say nothing of a real line.</source>
        <translation>模拟：{total} 件中有 {n} 件来自模拟相机。这些数字不代表真实产线。</translation>
    </message>
    <message>
        <source>Products</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>still running</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>班次</translation>
    </message>
    <message>
        <source>Chosen by</source>
        <translation>筛选条件</translation>
    </message>
    <message>
        <source>First and last part</source>
        <translation>首件与末件</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>操作员</translation>
    </message>
    <message>
        <source>Program on the line</source>
        <translation>产线软件</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>counted</source>
        <translation>计数</translation>
    </message>
    <message>
        <source>No part was inspected in this selection.</source>
        <translation>所选范围内没有检测过的工件。</translation>
    </message>
    <message>
        <source>decisions</source>
        <translation>判定数</translation>
    </message>
    <message>
        <source>yield</source>
        <translation>合格率</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Yield is the share of passes of all decisions; ERROR counts as a reject.</source>
        <translation>合格率为合格数占全部判定数的比例；“错误”计为剔除。</translation>
    </message>
    <message>
        <source>What people say of the parts</source>
        <translation>人工标签</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Good parts that were rejected: {wrong}. Real defects that passed: {escaped}.</source>
        <translation>误剔的良品：{wrong}。漏检的真缺陷：{escaped}。</translation>
    </message>
    <message>
        <source>Models and limits in force</source>
        <translation>所用模型与限值</translation>
    </message>
    <message>
        <source>as each part was decided</source>
        <translation>以各工件判定时为准</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>合格限</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>剔除限</translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation>运行后端</translation>
    </message>
    <message>
        <source>First part</source>
        <translation>首件</translation>
    </message>
    <message>
        <source>Last part</source>
        <translation>末件</translation>
    </message>
    <message>
        <source>Limits are raw distances; the reject limit is 50 on the scale of scores.</source>
        <translation>限值为原始距离；剔除限在分数刻度上为 50。</translation>
    </message>
    <message>
        <source>Changes in this period</source>
        <translation>本时段内的更改</translation>
    </message>
    <message>
        <source>from the audit trail</source>
        <translation>摘自审计记录</translation>
    </message>
    <message>
        <source>Nothing that affects decisions was changed.</source>
        <translation>没有影响判定的更改。</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>序号</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>更改内容</translation>
    </message>
    <message>
        <source>{n} more are in the audit trail.</source>
        <translation>另有 {n} 条见审计记录。</translation>
    </message>
    <message>
        <source>not labelled</source>
        <translation>无标签</translation>
    </message>
    <message>
        <source>good part</source>
        <translation>良品</translation>
    </message>
    <message>
        <source>real defect</source>
        <translation>真缺陷</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>top left</source>
        <translation>左上</translation>
    </message>
    <message>
        <source>top</source>
        <translation>上方</translation>
    </message>
    <message>
        <source>top right</source>
        <translation>右上</translation>
    </message>
    <message>
        <source>left</source>
        <translation>左侧</translation>
    </message>
    <message>
        <source>middle</source>
        <translation>中部</translation>
    </message>
    <message>
        <source>right</source>
        <translation>右侧</translation>
    </message>
    <message>
        <source>bottom left</source>
        <translation>左下</translation>
    </message>
    <message>
        <source>bottom</source>
        <translation>下方</translation>
    </message>
    <message>
        <source>bottom right</source>
        <translation>右下</translation>
    </message>
    <message>
        <source>small (below 0.1 %)</source>
        <translation>小（0.1 % 以下）</translation>
    </message>
    <message>
        <source>medium (0.1 to 1 %)</source>
        <translation>中（0.1 至 1 %）</translation>
    </message>
    <message>
        <source>large (1 % and more)</source>
        <translation>大（1 % 及以上）</translation>
    </message>
    <message>
        <source>line</source>
        <translation>线状</translation>
    </message>
    <message>
        <source>spot</source>
        <translation>点状</translation>
    </message>
    <message>
        <source>model and limits in force</source>
        <translation>所用模型与限值</translation>
    </message>
    <message>
        <source>product that is inspected</source>
        <translation>所检产品</translation>
    </message>
    <message>
        <source>what is recorded</source>
        <translation>记录内容</translation>
    </message>
    <message>
        <source>limits</source>
        <translation>限值</translation>
    </message>
    <message>
        <source>{n} parts chosen one by one</source>
        <translation>逐件选择 {n} 件</translation>
    </message>
    <message>
        <source>camera {serial}</source>
        <translation>相机 {serial}</translation>
    </message>
    <message>
        <source>score {low} to {high}</source>
        <translation>分数 {low} 至 {high}</translation>
    </message>
    <message>
        <source>only simulated</source>
        <translation>仅模拟</translation>
    </message>
    <message>
        <source>none simulated</source>
        <translation>不含模拟</translation>
    </message>
    <message>
        <source>only with image</source>
        <translation>仅有图像的</translation>
    </message>
    <message>
        <source>only where the label says otherwise</source>
        <translation>仅判定与标签不符的</translation>
    </message>
    <message>
        <source>Scores of {n} cameras are together here ({serials}); choose one under Camera to see it alone.</source>
        <translation>这里混有 {n} 台相机的得分 ({serials})；请在“相机”下选择一台单独查看。</translation>
    </message>
    <message>
        <source>measured</source>
        <translation>实测</translation>
    </message>
    <message>
        <source>computed</source>
        <translation>计算</translation>
    </message>
</context>
<context>
    <name>Review</name>
    <message>
        <source>unlabelled</source>
        <translation>无标签</translation>
    </message>
    <message>
        <source>good</source>
        <translation>良品</translation>
    </message>
    <message>
        <source>defect</source>
        <translation>缺陷件</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>No image was kept of this part; of passes only a set share is kept.</source>
        <translation>未保存该工件的图像；合格件只按设定比例保存。</translation>
    </message>
    <message>
        <source>The image was removed when its time was over; its SHA-256 stays on record.</source>
        <translation>图像保存期已满，已删除；其 SHA-256 仍在记录中。</translation>
    </message>
    <message>
        <source>The image could not be written when the part was inspected.</source>
        <translation>检测该工件时图像未能写入。</translation>
    </message>
</context>
<context>
    <name>ReviewBar</name>
    <message>
        <source>Review without a station</source>
        <translation>离线复查</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Light or dark</source>
        <translation>浅色或深色</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
</context>
<context>
    <name>ReviewPage</name>
    <message>
        <source>Opening…</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>What is reviewed</source>
        <translation>复查内容</translation>
    </message>
    <message>
        <source>A folder may hold images, or be the data folder of another station.</source>
        <translation>文件夹可以存放图像，也可以是其他工位的数据文件夹。</translation>
    </message>
    <message>
        <source>This station</source>
        <translation>本工位</translation>
    </message>
    <message>
        <source>A folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>A zip…</source>
        <translation>zip 文件…</translation>
    </message>
    <message>
        <source>Zip archives (*.zip)</source>
        <translation>Zip 压缩文件 (*.zip)</translation>
    </message>
    <message>
        <source>SEARCHING…</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>{n} INSPECTIONS</source>
        <translation>{n} 条检测记录</translation>
    </message>
    <message>
        <source> · {n} CHOSEN</source>
        <translation> · 已选 {n} 条</translation>
    </message>
    <message>
        <source>There is no further part of this product.</source>
        <translation>该产品没有更多工件。</translation>
    </message>
    <message>
        <source>Part {number} is shown; the filter leaves it out of the grid.</source>
        <translation>正在显示工件 {number}；它不在筛选结果中。</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Kept with {n} inspections and shown in reports.</source>
        <translation>随 {n} 条检测记录保存，并显示在报告中。</translation>
    </message>
    <message>
        <source>Kept with this inspection and shown in reports.</source>
        <translation>随此检测记录保存，并显示在报告中。</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Sending {n} to teaching…</source>
        <translation>正在将 {n} 件送往示教…</translation>
    </message>
    <message>
        <source>{n} taken back</source>
        <translation>已撤销 {n} 条</translation>
    </message>
    <message>
        <source>{n} noted</source>
        <translation>已备注 {n} 条</translation>
    </message>
    <message>
        <source>{n} labelled as {label}</source>
        <translation>{n} 条已标为{label}</translation>
    </message>
    <message>
        <source> · {n} left as they are</source>
        <translation> · {n} 条保持不变</translation>
    </message>
    <message>
        <source>All stations</source>
        <translation>全部工位</translation>
    </message>
    <message>
        <source>Source (G)</source>
        <translation>来源 (G)</translation>
    </message>
    <message>
        <source>Pictures
(1)</source>
        <translation>图像
(1)</translation>
    </message>
    <message>
        <source>What if
(2)</source>
        <translation>限值试算
(2)</translation>
    </message>
    <message>
        <source>Judge
again (3)</source>
        <translation>复判
(3)</translation>
    </message>
    <message>
        <source>Statistics
(4)</source>
        <translation>统计
(4)</translation>
    </message>
    <message>
        <source>Refresh
(F5)</source>
        <translation>刷新
(F5)</translation>
    </message>
    <message>
        <source>Export
(E)</source>
        <translation>导出
(E)</translation>
    </message>
    <message>
        <source>Choose
several (X)</source>
        <translation>多选
(X)</translation>
    </message>
    <message>
        <source>Choose all
(Ctrl+A)</source>
        <translation>全选
(Ctrl+A)</translation>
    </message>
    <message>
        <source>OK (Esc)</source>
        <translation>确定 (Esc)</translation>
    </message>
</context>
<context>
    <name>ScoreCard</name>
    <message>
        <source>raw distance</source>
        <translation>原始距离</translation>
    </message>
    <message>
        <source>not scaled</source>
        <translation>未换算</translation>
    </message>
    <message>
        <source>tap for the score</source>
        <translation>点按显示分数</translation>
    </message>
    <message>
        <source>anomaly score</source>
        <translation>异常分数</translation>
    </message>
    <message>
        <source>of 100</source>
        <translation>满分 100</translation>
    </message>
    <message>
        <source>tap for raw distance</source>
        <translation>点按显示原始距离</translation>
    </message>
    <message>
        <source>accept {low} · reject {high}</source>
        <translation>合格 {low} · 剔除 {high}</translation>
    </message>
    <message>
        <source>limit {high}</source>
        <translation>限值 {high}</translation>
    </message>
</context>
<context>
    <name>ScoreScatter</name>
    <message>
        <source>SCORE BEFORE → NOW ↑ · × FLIP</source>
        <translation>原分数 → · 现分数 ↑ · × 判定改变</translation>
    </message>
</context>
<context>
    <name>Sending</name>
    <message>
        <source>{n} to the good parts</source>
        <translation>{n} 件加入良品</translation>
    </message>
    <message>
        <source>{n} to the challenge set</source>
        <translation>{n} 件加入挑战样件集</translation>
    </message>
    <message>
        <source>{n} were there already</source>
        <translation>{n} 件已存在</translation>
    </message>
    <message>
        <source>{n} not sent</source>
        <translation>{n} 件未送出</translation>
    </message>
</context>
<context>
    <name>SetBar</name>
    <message>
        <source>{n} values were saved in {file}. {left}</source>
        <translation>已将 {n} 个参数值保存到 {file}。{left}</translation>
    </message>
    <message>
        <source>Save the settings?</source>
        <translation>保存相机参数？</translation>
    </message>
    <message>
        <source>Compare the camera&apos;s settings</source>
        <translation>比较相机参数</translation>
    </message>
    <message>
        <source>Nothing is changed.</source>
        <translation>不更改任何参数。</translation>
    </message>
    <message>
        <source>with those of {title}</source>
        <translation>与“{title}”的参数比较</translation>
    </message>
    <message>
        <source>with a file…</source>
        <translation>与文件比较…</translation>
    </message>
    <message>
        <source>{n} values are kept for {title}. {left}</source>
        <translation>已为“{title}”保存 {n} 个参数值。{left}</translation>
    </message>
    <message>
        <source>Keep these settings for {title}?</source>
        <translation>将当前相机参数保存给“{title}”？</translation>
    </message>
    <message>
        <source>The camera gets them whenever {title} is chosen. Limits that were taught with other settings may no longer fit.</source>
        <translation>每次选择“{title}”时，相机都采用这些参数。用其他参数示教的限值可能不再适用。</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>The camera is stopped for it; start it again afterwards (Space).</source>
        <translation>相机将为此停止，之后请重新启动（空格）。</translation>
    </message>
    <message>
        <source>Stop the camera and go on</source>
        <translation>停止相机并继续</translation>
    </message>
    <message>
        <source>No camera settings are kept for {title} yet.</source>
        <translation>尚未为“{title}”保存相机参数。</translation>
    </message>
    <message>
        <source>They were made with {model}.</source>
        <translation>这些参数来自 {model}。</translation>
    </message>
    <message>
        <source>Apply {n} values of {file}?</source>
        <translation>应用 {file} 中的 {n} 个参数值？</translation>
    </message>
    <message>
        <source>The camera&apos;s present settings are lost unless they were saved. {whose}</source>
        <translation>相机当前的参数若未保存，将会丢失。{whose}</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>The camera has all values: {n} changed, {m} as they were.</source>
        <translation>相机已采用全部参数值：更改 {n} 个，{m} 个原本相同。</translation>
    </message>
    <message>
        <source>Values that were not taken: {n}</source>
        <translation>未被采用的参数值：{n} 个</translation>
    </message>
    <message>
        <source>All others are in force: {n} changed, {m} as they were.</source>
        <translation>其余均已生效：更改 {n} 个，{m} 个原本相同。</translation>
    </message>
    <message>
        <source>The camera has the very same settings as {name}.</source>
        <translation>相机参数与“{name}”完全相同。</translation>
    </message>
    <message>
        <source>Differences from {name}: {n}</source>
        <translation>与“{name}”的差异：{n} 项</translation>
    </message>
    <message>
        <source>At the right what the camera has now, below what {name} has.</source>
        <translation>右侧为相机当前的值，下方为“{name}”的值。</translation>
    </message>
    <message>
        <source>Compare the settings?</source>
        <translation>比较相机参数？</translation>
    </message>
    <message>
        <source>does not have it</source>
        <translation>无此参数</translation>
    </message>
    <message>
        <source>Save the camera&apos;s settings</source>
        <translation>保存相机参数</translation>
    </message>
    <message>
        <source>Camera settings</source>
        <translation>相机参数</translation>
    </message>
    <message>
        <source>Feature sets (*{suffix})</source>
        <translation>参数集 (*{suffix})</translation>
    </message>
    <message>
        <source>Load…
(O)</source>
        <translation>载入…
(O)</translation>
    </message>
    <message>
        <source>Save as…
(S)</source>
        <translation>另存为…
(S)</translation>
    </message>
    <message>
        <source>Compare…
(C)</source>
        <translation>比较…
(C)</translation>
    </message>
    <message>
        <source>Keep for product
(N)</source>
        <translation>保存给产品
(N)</translation>
    </message>
</context>
<context>
    <name>SetupPage</name>
    <message>
        <source>OK (Esc)</source>
        <translation>确定 (Esc)</translation>
    </message>
</context>
<context>
    <name>SetupWords</name>
    <message>
        <source>integer</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>float</source>
        <translation>浮点数</translation>
    </message>
    <message>
        <source>off or on</source>
        <translation>开关</translation>
    </message>
    <message>
        <source>enumeration</source>
        <translation>枚举</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>register</source>
        <translation>寄存器</translation>
    </message>
    <message>
        <source>Beginner</source>
        <translation>初级</translation>
    </message>
    <message>
        <source>Expert</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>Guru</source>
        <translation>大师</translation>
    </message>
</context>
<context>
    <name>SeveralWindow</name>
    <message>
        <source>Parts are collected from camera {n}; end collecting on the Teach page before another camera is chosen.</source>
        <translation>正在从相机 {n} 收集样件；请先在“示教”页停止收集，再选择其他相机。</translation>
    </message>
    <message>
        <source>All cameras (Esc)</source>
        <translation>全部相机 (Esc)</translation>
    </message>
    <message>
        <source>Camera {n}: {sentence}</source>
        <translation>相机 {n}：{sentence}</translation>
    </message>
</context>
<context>
    <name>ShiftCard</name>
    <message>
        <source>since {time}</source>
        <translation>自 {time} 起</translation>
    </message>
    <message>
        <source>cycle min / mean / max  {figures} s</source>
        <translation>节拍 最小 / 平均 / 最大  {figures} 秒</translation>
    </message>
    <message>
        <source>THIS SHIFT</source>
        <translation>本班</translation>
    </message>
    <message>
        <source>Reset (R)</source>
        <translation>清零 (R)</translation>
    </message>
    <message>
        <source>inspected</source>
        <translation>已检测</translation>
    </message>
    <message>
        <source>pass</source>
        <translation>合格</translation>
    </message>
    <message>
        <source>review</source>
        <translation>复核</translation>
    </message>
    <message>
        <source>fail</source>
        <translation>不合格</translation>
    </message>
    <message>
        <source>error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>triggered</source>
        <translation>已触发</translation>
    </message>
    <message>
        <source>passed over</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>yield</source>
        <translation>合格率</translation>
    </message>
</context>
<context>
    <name>ShiftStart</name>
    <message>
        <source>No program can be started: {why}</source>
        <translation>无法启动程序：{why}</translation>
    </message>
    <message>
        <source>Replaying the challenge images…</source>
        <translation>正在复测挑战样件…</translation>
    </message>
    <message>
        <source>Replay the challenge images of {product}?</source>
        <translation>复测“{product}”的挑战样件？</translation>
    </message>
    <message>
        <source>The active model judges {n} kept images beside the inspection; the result goes on record.</source>
        <translation>已启用的模型将在检测的同时判定 {n} 幅留存图像，结果记录在案。</translation>
    </message>
    <message>
        <source>Replay now</source>
        <translation>立即复测</translation>
    </message>
    <message>
        <source>{model} judged all {n} challenge images right; it is on record.</source>
        <translation>{model} 对全部 {n} 件挑战样件判定正确，已记录在案。</translation>
    </message>
    <message>
        <source>{model} judged challenge images wrongly: {missed} defects passed, {rejected} good parts rejected, {errors} not judged, of {n}. Stop and call the process engineer.</source>
        <translation>{model} 误判了挑战样件：{n} 件中漏检 {missed} 件，误剔 {rejected} 件，未判定 {errors} 件。请停机并通知工艺工程师。</translation>
    </message>
</context>
<context>
    <name>StationQuestions</name>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>The limits of the product apply from the next part on.</source>
        <translation>该产品的限值从下一个工件起生效。</translation>
    </message>
    <message>
        <source>Trigger mode</source>
        <translation>触发模式</translation>
    </message>
    <message>
        <source>Free running: the newest image is inspected, others are passed over and counted. Software trigger: every trigger gets one decision. Hardware trigger: every signal at the line does.</source>
        <translation>连续采集：检测最新的图像，其余图像跳过并计数。软件触发：每次触发得到一个判定。硬件触发：输入线上的每个信号得到一个判定。</translation>
    </message>
    <message>
        <source>Reset the counters of this shift?</source>
        <translation>将本班计数清零？</translation>
    </message>
    <message>
        <source>All counters go to zero. Inspection goes on; records stay.</source>
        <translation>所有计数归零。检测继续进行，记录保留。</translation>
    </message>
    <message>
        <source>Reset counters</source>
        <translation>计数清零</translation>
    </message>
</context>
<context>
    <name>StatisticsPanel</name>
    <message>
        <source>ANOMALY SCORE OF ACCEPTED PARTS · LIMIT 50</source>
        <translation>合格件异常分数 · 限值 50</translation>
    </message>
    <message>
        <source>BRIGHTNESS</source>
        <translation>亮度</translation>
    </message>
    <message>
        <source>SHARPNESS, %</source>
        <translation>清晰度，%</translation>
    </message>
    <message>
        <source>no regions</source>
        <translation>无异常区域</translation>
    </message>
    <message>
        <source>REGIONS BY PLACE</source>
        <translation>异常区域 · 按位置</translation>
    </message>
    <message>
        <source>REGIONS BY SIZE</source>
        <translation>异常区域 · 按大小</translation>
    </message>
    <message>
        <source>SATURATED, %</source>
        <translation>饱和像素，%</translation>
    </message>
    <message>
        <source>DRIFT · {n} IN THIS PERIOD</source>
        <translation>漂移 · 本时段 {n} 次</translation>
    </message>
    <message>
        <source>Choose one product and one model to see charts and drift.</source>
        <translation>请选择一种产品和一个模型。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>decisions</source>
        <translation>判定数</translation>
    </message>
    <message>
        <source>pass</source>
        <translation>合格</translation>
    </message>
    <message>
        <source>review</source>
        <translation>复核</translation>
    </message>
    <message>
        <source>fail</source>
        <translation>不合格</translation>
    </message>
    <message>
        <source>error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>yield</source>
        <translation>合格率</translation>
    </message>
</context>
<context>
    <name>StatisticsView</name>
    <message>
        <source>All inspections of the period, product and camera {camera}, whatever their verdict and label</source>
        <translation>该时段、该产品、相机 {camera} 的全部检测，不论判定和标签</translation>
    </message>
    <message>
        <source>All inspections of the period and product, whatever their verdict and label</source>
        <translation>该时段和产品的全部检测记录，不论判定与标签</translation>
    </message>
    <message>
        <source>Scores of {n} cameras are together here; choose one under Camera (F6) to see it alone.</source>
        <translation>这里混有 {n} 台相机的得分；请在“相机 (F6)”下选择一台单独查看。</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>none · {state}</source>
        <translation>无 · {state}</translation>
    </message>
    <message>
        <source>{n} not saved</source>
        <translation>未保存 {n}</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Acquired</source>
        <translation>采集</translation>
    </message>
    <message>
        <source>Inspected</source>
        <translation>检测</translation>
    </message>
    <message>
        <source>Passed over</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Latency p50 / p99</source>
        <translation>延迟 p50 / p99</translation>
    </message>
    <message>
        <source>Camera · frames lost in 5 min</source>
        <translation>相机 · 5 分钟内丢帧</translation>
    </message>
    <message>
        <source>From trigger p50/p99</source>
        <translation>触发至判定 p50/p99</translation>
    </message>
    <message>
        <source>From exposure p50/p99</source>
        <translation>曝光至判定 p50/p99</translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation>运行后端</translation>
    </message>
    <message>
        <source>Runtime · reference</source>
        <translation>运行后端 · 参考实现</translation>
    </message>
    <message>
        <source>Runtime · differs ≤ {n} σ</source>
        <translation>运行后端 · 偏差 ≤ {n} σ</translation>
    </message>
    <message>
        <source>{n} · {images} images</source>
        <translation>{n} · {images} 张图像</translation>
    </message>
    <message>
        <source>△ {s} s behind</source>
        <translation>△ 滞后 {s} 秒</translation>
    </message>
    <message>
        <source>Recorded in {folder}</source>
        <translation>记录于 {folder}</translation>
    </message>
    <message>
        <source>Free disk</source>
        <translation>磁盘剩余</translation>
    </message>
    <message>
        <source>Not inspected</source>
        <translation>未检测</translation>
    </message>
</context>
<context>
    <name>StopEditor</name>
    <message>
        <source>Stop to change it</source>
        <translation>停止以便更改</translation>
    </message>
</context>
<context>
    <name>SwitchEditor</name>
    <message>
        <source>Off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>On</source>
        <translation>开</translation>
    </message>
</context>
<context>
    <name>TeachPage</name>
    <message>
        <source>known to the model</source>
        <translation>模型已认识</translation>
    </message>
    <message>
        <source>not taught yet</source>
        <translation>尚未示教</translation>
    </message>
    <message>
        <source>New product…</source>
        <translation>新产品…</translation>
    </message>
    <message>
        <source>a name, then show good parts</source>
        <translation>先命名，再放良品</translation>
    </message>
    <message>
        <source>Product being taught</source>
        <translation>示教的产品</translation>
    </message>
    <message>
        <source>New product</source>
        <translation>新产品</translation>
    </message>
    <message>
        <source>What the operator calls it; it can be renamed later.</source>
        <translation>操作员所用的名称，以后可以重命名。</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>创建</translation>
    </message>
    <message>
        <source>Product being taught (G)</source>
        <translation>示教产品 (G)</translation>
    </message>
    <message>
        <source>Parts and teaching (1)</source>
        <translation>样件与示教 (1)</translation>
    </message>
    <message>
        <source>Limits (2)</source>
        <translation>限值 (2)</translation>
    </message>
    <message>
        <source>Challenge set (3)</source>
        <translation>挑战样件 (3)</translation>
    </message>
    <message>
        <source>Product (4)</source>
        <translation>产品 (4)</translation>
    </message>
    <message>
        <source>OK (Esc)</source>
        <translation>确定 (Esc)</translation>
    </message>
</context>
<context>
    <name>TeachQuestions</name>
    <message>
        <source>Teach “{product}” to {model}?</source>
        <translation>向 {model} 示教“{product}”？</translation>
    </message>
    <message>
        <source>{n} good parts, {held} of them held out for the limit. It takes some minutes at low priority; inspection goes on, and nothing goes live before you say so. Varied copies (shifted, turned, lighter and darker) are for parts that lie or are lit more differently on the line than in the pictures; small defects are then harder to tell.</source>
        <translation>良品 {n} 件，其中 {held} 件留出用于设定限值。以低优先级运行数分钟，检测继续进行；未经您确认，任何版本都不会上线。若产线上工件的位置或光照变化比图像中更大，可使用变化副本（平移、旋转、变亮、变暗），但小缺陷会更难分辨。</translation>
    </message>
    <message>
        <source>Teach the parts as they are</source>
        <translation>按原样示教</translation>
    </message>
    <message>
        <source>Teach with varied copies</source>
        <translation>使用变化副本示教</translation>
    </message>
    <message>
        <source>Stop the teaching?</source>
        <translation>停止示教？</translation>
    </message>
    <message>
        <source>What was computed is kept; it can be continued later.</source>
        <translation>已计算的内容保留，以后可以继续。</translation>
    </message>
    <message>
        <source>Stop it</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Discard the interrupted teaching?</source>
        <translation>放弃中断的示教？</translation>
    </message>
    <message>
        <source>What was computed is lost; the parts stay.</source>
        <translation>已计算的内容将丢失，样件保留。</translation>
    </message>
    <message>
        <source>Discard it</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>Keep {running} and put {version} away?</source>
        <translation>保留 {running}，收起 {version}？</translation>
    </message>
    <message>
        <source>The table goes; {version} stays in the list of versions, Model (V), and can be chosen there.</source>
        <translation>此表将收起；{version} 仍在版本列表（模型 (V)）中，可在那里启用。</translation>
    </message>
    <message>
        <source>Keep {running}</source>
        <translation>保留 {running}</translation>
    </message>
    <message>
        <source>Activate {version} although a product got worse?</source>
        <translation>有产品变差，仍要启用 {version}？</translation>
    </message>
    <message>
        <source>It goes on record with your name. Say why:</source>
        <translation>将连同您的姓名记录在案。请说明原因：</translation>
    </message>
    <message>
        <source>Activate it all the same</source>
        <translation>仍然启用</translation>
    </message>
    <message>
        <source>New product</source>
        <translation>新产品</translation>
    </message>
    <message>
        <source>More parts collected</source>
        <translation>收集了更多样件</translation>
    </message>
    <message>
        <source>New lot or material</source>
        <translation>新批次或新材料</translation>
    </message>
    <message>
        <source>Camera or light changed</source>
        <translation>相机或光照有变化</translation>
    </message>
    <message>
        <source>Another reason…</source>
        <translation>其他原因…</translation>
    </message>
    <message>
        <source>Activate {version}: why?</source>
        <translation>启用 {version}：原因？</translation>
    </message>
    <message>
        <source>It takes over from {running} between two parts; inspection goes on. One tap in Model (V) goes back.</source>
        <translation>它在两个工件之间接替 {running}，检测继续进行。在“模型 (V)”中点按一次即可退回。</translation>
    </message>
    <message>
        <source>Inspect “{product}” now?</source>
        <translation>现在检测“{product}”？</translation>
    </message>
    <message>
        <source>{model} knows it. The station still inspects “{now}”.</source>
        <translation>{model} 已认识该产品。工位仍在检测“{now}”。</translation>
    </message>
    <message>
        <source>Inspect {product}</source>
        <translation>检测“{product}”</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>It goes on record with the change.</source>
        <translation>将随此更改记录在案。</translation>
    </message>
    <message>
        <source>Activate</source>
        <translation>启用</translation>
    </message>
</context>
<context>
    <name>Text</name>
    <message>
        <source>PASS</source>
        <translation>合格</translation>
    </message>
    <message>
        <source>REVIEW</source>
        <translation>复核</translation>
    </message>
    <message>
        <source>FAIL</source>
        <translation>不合格</translation>
    </message>
    <message>
        <source>ERROR</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>LIVE</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>SIMULATED CAMERA</source>
        <translation>模拟相机</translation>
    </message>
    <message>
        <source>FILE</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>collecting</source>
        <translation>收集中</translation>
    </message>
    <message>
        <source>live view</source>
        <translation>预览中</translation>
    </message>
    <message>
        <source>camera lost</source>
        <translation>相机断开</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Free running</source>
        <translation>连续采集</translation>
    </message>
    <message>
        <source>Software trigger</source>
        <translation>软件触发</translation>
    </message>
    <message>
        <source>Hardware trigger</source>
        <translation>硬件触发</translation>
    </message>
    <message>
        <source>Nothing above the limit</source>
        <translation>没有超过限值之处</translation>
    </message>
    <message>
        <source>Between accept and reject limit</source>
        <translation>介于合格限与剔除限之间</translation>
    </message>
    <message>
        <source>Score above the reject limit</source>
        <translation>分数超过剔除限</translation>
    </message>
    <message>
        <source>The camera was lost; part not inspected</source>
        <translation>相机断开，工件未检测</translation>
    </message>
    <message>
        <source>The camera sent no image in time; part not inspected</source>
        <translation>相机未按时送出图像，工件未检测</translation>
    </message>
    <message>
        <source>The model could not judge the image; part not inspected</source>
        <translation>模型无法判断该图像，工件未检测</translation>
    </message>
    <message>
        <source>The image was lost on the way; part not inspected</source>
        <translation>图像在传输中丢失，工件未检测</translation>
    </message>
    <message>
        <source>Too many parts were waiting; part not inspected</source>
        <translation>等待的工件过多，该工件未检测</translation>
    </message>
    <message>
        <source>Stopped before the part was inspected</source>
        <translation>工件检测前已停止</translation>
    </message>
    <message>
        <source>The image could not be stored</source>
        <translation>图像无法保存</translation>
    </message>
    <message>
        <source>The decision came too late for the part; counted as not inspected</source>
        <translation>判定过迟，该工件计为未检测</translation>
    </message>
    <message>
        <source>△ {n} lost</source>
        <translation>△ 丢失 {n} 帧</translation>
    </message>
    <message>
        <source>Anomaly at the centre, {area}</source>
        <translation>中心处异常，{area}</translation>
    </message>
    <message>
        <source>{n} px</source>
        <translation>{n} 像素</translation>
    </message>
    <message>
        <source>Anomaly at {hour} o&apos;clock, {area}</source>
        <translation>{hour} 点钟方向异常，{area}</translation>
    </message>
    <message>
        <source> · {n} more</source>
        <translation> · 另有 {n} 处</translation>
    </message>
    <message>
        <source>Hardware · {line}</source>
        <translation>硬件 · {line}</translation>
    </message>
</context>
<context>
    <name>TextEditor</name>
    <message>
        <source>Set
(Enter)</source>
        <translation>设定
(Enter)</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Product (P)</source>
        <translation>产品 (P)</translation>
    </message>
    <message>
        <source>Trigger mode (M)</source>
        <translation>触发模式 (M)</translation>
    </message>
    <message>
        <source>{version} is loading… (V)</source>
        <translation>正在载入 {version}… (V)</translation>
    </message>
    <message>
        <source>NO CAMERA</source>
        <translation>无相机</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Model (V)</source>
        <translation>模型 (V)</translation>
    </message>
    <message>
        <source>Inspect (F1)</source>
        <translation>检测 (F1)</translation>
    </message>
    <message>
        <source>Teach (F2)</source>
        <translation>示教 (F2)</translation>
    </message>
    <message>
        <source>Review (F3)</source>
        <translation>复查 (F3)</translation>
    </message>
    <message>
        <source>Setup (F4)</source>
        <translation>设置 (F4)</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Light or dark</source>
        <translation>浅色或深色</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
</context>
<context>
    <name>TrainView</name>
    <message>
        <source>Folder of good parts</source>
        <translation>良品文件夹</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>It stays with the part.</source>
        <translation>随样件保存。</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>● Collecting · {taken} taken in, {aside} set aside</source>
        <translation>● 收集中 · 采纳 {taken}，存疑 {aside}</translation>
    </message>
    <message>
        <source>Taking in files: {done} of {count}</source>
        <translation>正在读入文件：{done} / {count}</translation>
    </message>
    <message>
        <source>Teaching {product}</source>
        <translation>正在示教“{product}”</translation>
    </message>
    <message>
        <source>inspection goes on: latency p50 / p99 {p50} / {p99} ms, {n} not inspected</source>
        <translation>检测继续进行：延迟 p50 / p99 {p50} / {p99} ms，未检测 {n}</translation>
    </message>
    <message>
        <source>The teaching of “{product}” that {who} began was interrupted; continue or discard it.</source>
        <translation>由 {who} 开始的“{product}”示教已中断；请继续或放弃。</translation>
    </message>
    <message>
        <source>{least} good parts are the least to teach a product; {more} more.</source>
        <translation>示教一种产品至少需要 {least} 件良品，还差 {more} 件。</translation>
    </message>
    <message>
        <source>Ready: {n} good parts. Teaching makes a next version of the model and shows here how every product fares with it; nothing goes live before you say so.</source>
        <translation>已就绪：{n} 件良品。示教将生成模型的下一版本，并在此显示每个产品的表现；未经您确认不会启用。</translation>
    </message>
    <message>
        <source>Stop collecting (C)</source>
        <translation>停止收集 (C)</translation>
    </message>
    <message>
        <source>Collect from
camera (C)</source>
        <translation>从相机收集
(C)</translation>
    </message>
    <message>
        <source>Look at {n}
odd parts (B)</source>
        <translation>查看 {n} 件
异样件 (B)</translation>
    </message>
    <message>
        <source>Look at {n}
doubtful (B)</source>
        <translation>查看 {n} 件
存疑件 (B)</translation>
    </message>
    <message>
        <source>Add from folder… (O)</source>
        <translation>从文件夹添加… (O)</translation>
    </message>
    <message>
        <source>Undo (Ctrl+Z)</source>
        <translation>撤销 (Ctrl+Z)</translation>
    </message>
</context>
<context>
    <name>TrainingPanel</name>
    <message>
        <source>2 · FINE-TUNE THE UNIFIED MODEL</source>
        <translation>2 · 微调统一模型</translation>
    </message>
    <message>
        <source>Features</source>
        <translation>特征</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>限值</translation>
    </message>
    <message>
        <source>Check every product</source>
        <translation>检查每种产品</translation>
    </message>
    <message>
        <source>{stage} {share} · {time} left</source>
        <translation>{stage} {share} · 剩余 {time}</translation>
    </message>
    <message>
        <source>3 · BEFORE IT GOES LIVE: EVERY PRODUCT, ON HELD-OUT NORMAL PARTS</source>
        <translation>3 · 上线之前：用留出良品检查每种产品</translation>
    </message>
    <message>
        <source>3 · BEFORE YOU ACTIVATE {version}: {former} → {version}</source>
        <translation>3 · 启用 {version} 之前：{former} → {version}</translation>
    </message>
    <message>
        <source>{n} of the parts look unlike the others even now. Look at them (B): a defect among them is taken for normal. Delete those and teach again.</source>
        <translation>有 {n} 件样件至今仍与其他件不同。请查看 (B)：其中若有缺陷件，会被当作正常。请删除后重新示教。</translation>
    </message>
    <message>
        <source>Continue teaching (S)</source>
        <translation>继续示教 (S)</translation>
    </message>
    <message>
        <source>Start teaching (S)</source>
        <translation>开始示教 (S)</translation>
    </message>
    <message>
        <source>Discard (X)</source>
        <translation>放弃 (X)</translation>
    </message>
    <message>
        <source>Cancel (X)</source>
        <translation>取消 (X)</translation>
    </message>
    <message>
        <source>Keep {version}
(K)</source>
        <translation>保留 {version}
(K)</translation>
    </message>
    <message>
        <source>Activate {version}
although worse… (A)</source>
        <translation>变差仍启用
{version}… (A)</translation>
    </message>
    <message>
        <source>Keep (K)</source>
        <translation>保留 (K)</translation>
    </message>
    <message>
        <source>Activate (A)</source>
        <translation>启用 (A)</translation>
    </message>
    <message>
        <source>Activate {version} (A)</source>
        <translation>启用 {version} (A)</translation>
    </message>
</context>
<context>
    <name>TrendChart</name>
    <message>
        <source>EWMA of accepted parts {value}</source>
        <translation>合格件 EWMA {value}</translation>
    </message>
    <message>
        <source>EWMA {value} of 255 · saturated {share}</source>
        <translation>EWMA {value} / 255 · 饱和 {share}</translation>
    </message>
    <message>
        <source>EWMA {value} % of the baseline</source>
        <translation>EWMA 为基准的 {value} %</translation>
    </message>
    <message>
        <source>ANOMALY SCORE · LAST 500 PARTS · LIMIT 50 · NEXT (G)</source>
        <translation>异常分数 · 最近 500 件 · 限值 50 · 切换 (G)</translation>
    </message>
    <message>
        <source>BRIGHTNESS · LAST 500 PARTS · NEXT (G)</source>
        <translation>亮度 · 最近 500 件 · 切换 (G)</translation>
    </message>
    <message>
        <source>SHARPNESS, % · LAST 500 PARTS · NEXT (G)</source>
        <translation>清晰度，% · 最近 500 件 · 切换 (G)</translation>
    </message>
</context>
<context>
    <name>VerdictTile</name>
    <message>
        <source>last: {verdict}</source>
        <translation>上次：{verdict}</translation>
    </message>
    <message>
        <source>FROZEN · part {number}</source>
        <translation>已冻结 · 工件 {number}</translation>
    </message>
</context>
<context>
    <name>VersionChooser</name>
    <message>
        <source>Versions of {model}</source>
        <translation>{model} 的版本</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>Back to {version}</source>
        <translation>退回 {version}</translation>
    </message>
    <message>
        <source>The version that is chosen takes over between two parts.</source>
        <translation>所选版本在两个工件之间接替。</translation>
    </message>
    <message>
        <source>There is no version at this station.</source>
        <translation>本工位没有任何版本。</translation>
    </message>
    <message>
        <source>{version} · cannot be used</source>
        <translation>{version} · 无法使用</translation>
    </message>
    <message>
        <source>Tap to read why.</source>
        <translation>点按查看原因。</translation>
    </message>
    <message>
        <source>{version} · in use</source>
        <translation>{version} · 使用中</translation>
    </message>
    <message>
        <source>{version} · active, not in use yet</source>
        <translation>{version} · 已启用，尚未接替</translation>
    </message>
    <message>
        <source>1 product</source>
        <translation>1 种产品</translation>
    </message>
    <message>
        <source>{n} products</source>
        <translation>{n} 种产品</translation>
    </message>
    <message>
        <source>It does not say what changed.</source>
        <translation>未说明有何更改。</translation>
    </message>
    <message>
        <source>{version} does not know the product “{product}”; choose a product that it knows first.</source>
        <translation>{version} 不认识产品“{product}”，请先选择它认识的产品。</translation>
    </message>
    <message>
        <source>It takes over between two parts; inspection goes on. Its limits may differ from those of {running}.</source>
        <translation>它在两个工件之间接替，检测继续进行。其限值可能与 {running} 不同。</translation>
    </message>
    <message>
        <source>Change to {version}?</source>
        <translation>更换为 {version}？</translation>
    </message>
    <message>
        <source>Change to {version}</source>
        <translation>更换为 {version}</translation>
    </message>
    <message>
        <source>Another change is being written; try again in a moment.</source>
        <translation>另一项更改正在写入，请稍后再试。</translation>
    </message>
    <message>
        <source>The versions cannot be read or changed: {reason}</source>
        <translation>无法读取或更改版本：{reason}</translation>
    </message>
    <message>
        <source>{version} was chosen but has not taken over; {running} goes on inspecting. The log says why. Choose {running} again, or restart the station.</source>
        <translation>已选择 {version}，但它尚未接替，{running} 继续检测。原因见日志。请重新选择 {running}，或重新启动工位。</translation>
    </message>
</context>
<context>
    <name>Viewer</name>
    <message>
        <source>Nobody has labelled this part yet.</source>
        <translation>该工件尚无人工标签。</translation>
    </message>
    <message>
        <source>Labels of this part</source>
        <translation>该工件的标签记录</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Heatmap</source>
        <translation>热力图</translation>
    </message>
    <message>
        <source>Expected appearance</source>
        <translation>期望外观</translation>
    </message>
    <message>
        <source>Expected appearance, painted by the model</source>
        <translation>期望外观，由模型绘出</translation>
    </message>
    <message>
        <source>A normal part, the newest good one</source>
        <translation>正常件：本站最新的良品</translation>
    </message>
    <message>
        <source>A normal part, as the model brings it</source>
        <translation>正常件：模型自带的图像</translation>
    </message>
    <message>
        <source>not inspected here</source>
        <translation>此处不检测</translation>
    </message>
    <message>
        <source>{score} at the cursor</source>
        <translation>光标处 {score}</translation>
    </message>
    <message>
        <source>This model cannot paint what it expected.</source>
        <translation>该模型无法绘出期望外观。</translation>
    </message>
    <message>
        <source>The model that decided is not here to paint it.</source>
        <translation>作出判定的模型不在本机，无法绘出。</translation>
    </message>
    <message>
        <source>Without the image nothing can be painted.</source>
        <translation>没有图像，无法绘出。</translation>
    </message>
    <message>
        <source>It could not be painted; the log says why.</source>
        <translation>未能绘出，原因见日志。</translation>
    </message>
    <message>
        <source>There is no picture of a normal part of this product either.</source>
        <translation>也没有该产品正常件的图像。</translation>
    </message>
    <message>
        <source>The image is too large to be shown here; open the file itself.</source>
        <translation>图像过大，无法在此显示；请直接打开文件。</translation>
    </message>
    <message>
        <source>No heatmap was kept of this part.</source>
        <translation>未保存该工件的热力图。</translation>
    </message>
    <message>
        <source>The file is not the one on record: its SHA-256 differs.</source>
        <translation>文件与记录不一致：SHA-256 不同。</translation>
    </message>
    <message>
        <source>The heatmap cannot be read; it may be damaged.</source>
        <translation>热力图无法读取，可能已损坏。</translation>
    </message>
    <message>
        <source>Farther (-)</source>
        <translation>缩小 (-)</translation>
    </message>
    <message>
        <source>Closer (+)</source>
        <translation>放大 (+)</translation>
    </message>
    <message>
        <source>Fit
(Z)</source>
        <translation>适应
(Z)</translation>
    </message>
    <message>
        <source>Heatmap
(Space)</source>
        <translation>热力图
(空格)</translation>
    </message>
    <message>
        <source>Image
(Space)</source>
        <translation>原图
(空格)</translation>
    </message>
</context>
<context>
    <name>WhatIfView</name>
    <message>
        <source>Limits belong to a product: choose one at the left (B).</source>
        <translation>限值属于产品：请在左侧选择产品 (B)。</translation>
    </message>
    <message>
        <source>Reading the scores…</source>
        <translation>正在读取分数…</translation>
    </message>
    <message>
        <source>The filter leaves no inspection of this product by the network in use, so there are no scores to hold a limit against.</source>
        <translation>筛选后没有该产品由现用网络检测的记录，因此没有分数可供试算限值。</translation>
    </message>
    <message>
        <source>Why is the limit of “{product}” changed?</source>
        <translation>为何更改“{product}”的限值？</translation>
    </message>
    <message>
        <source>The next version of the model is written and decides from the next part on; the former one stays. The reason goes on record.</source>
        <translation>将写入模型的下一版本，从下一个工件起由它判定；原版本保留。原因记录在案。</translation>
    </message>
    <message>
        <source>The limit is that of the product on every camera, not only of {camera}.</source>
        <translation>该限值适用于此产品的每台相机，而不仅是 {camera}。</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Version {version} with this limit is in use now.</source>
        <translation>含此限值的版本 {version} 已投入使用。</translation>
    </message>
    <message>
        <source>{n} of {all}</source>
        <translation>{n} / {all}</translation>
    </message>
    <message>
        <source>Fail</source>
        <translation>不合格</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>复核</translation>
    </message>
    <message>
        <source>Good parts that fail (false rejects)</source>
        <translation>良品判不合格（误剔）</translation>
    </message>
    <message>
        <source>Defects that pass (escapes)</source>
        <translation>缺陷件判合格（漏检）</translation>
    </message>
    <message>
        <source>Without label, fail</source>
        <translation>无标签，判不合格</translation>
    </message>
    <message>
        <source>STORED INSPECTIONS</source>
        <translation>已存检测记录</translation>
    </message>
    <message>
        <source>limit in force</source>
        <translation>现行限值</translation>
    </message>
    <message>
        <source>limit being tried</source>
        <translation>试算限值</translation>
    </message>
    <message>
        <source>{n} inspections would have another verdict than on record. Verdict, label and score of the filter do not count here.</source>
        <translation>{n} 条检测记录的判定将与原记录不同。筛选中的判定、标签和分数在此不起作用。</translation>
    </message>
    <message>
        <source>Counted are parts of {camera}; the limit holds for every camera.</source>
        <translation>统计的是 {camera} 的零件；限值适用于每台相机。</translation>
    </message>
    <message>
        <source>Apply… (A)</source>
        <translation>应用… (A)</translation>
    </message>
    <message>
        <source>As in force (⌫)</source>
        <translation>恢复现行 (⌫)</translation>
    </message>
</context>
<context>
    <name>WorseWords</name>
    <message>
        <source>{n} more got worse, too; the table names them.</source>
        <translation>另有 {n} 个产品也变差，见表。</translation>
    </message>
</context>
</TS>
