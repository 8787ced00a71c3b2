<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
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
        <source>Resume (Esc)</source>
        <translation>恢复 (Esc)</translation>
    </message>
    <message>
        <source>OK (Esc)</source>
        <translation>确定 (Esc)</translation>
    </message>
</context>
<context>
    <name>LimitChart</name>
    <message>
        <source>ANOMALY SCORE · 50 = LIMIT IN FORCE, RAW {raw}</source>
        <translation>异常分数 · 50 = 现行限值，原始距离 {raw}</translation>
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
        <source>Free running: the newest image is inspected, others are passed over and counted. Software trigger: every trigger gets one decision.</source>
        <translation>连续采集：检测最新的图像，其余图像跳过并计数。软件触发：每次触发得到一个判定。</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
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
    <message>
        <source>Cancel (Esc)</source>
        <translation>取消 (Esc)</translation>
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
    <name>StatusLine</name>
    <message>
        <source>none · {state}</source>
        <translation>无 · {state}</translation>
    </message>
    <message>
        <source>{n} saved</source>
        <translation>已保存 {n}</translation>
    </message>
    <message>
        <source>{n} not saved</source>
        <translation>未保存 {n}</translation>
    </message>
    <message>
        <source>Rejects kept in {folder}</source>
        <translation>剔除件保存于 {folder}</translation>
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
        <source>Free disk</source>
        <translation>磁盘剩余</translation>
    </message>
    <message>
        <source>Not inspected</source>
        <translation>未检测</translation>
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
        <source>ANOMALY SCORE · LAST 500 PARTS · LIMIT 50</source>
        <translation>异常分数 · 最近 500 件 · 限值 50</translation>
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
    <name>WorseWords</name>
    <message>
        <source>{n} more got worse, too; the table names them.</source>
        <translation>另有 {n} 个产品也变差，见表。</translation>
    </message>
</context>
</TS>
